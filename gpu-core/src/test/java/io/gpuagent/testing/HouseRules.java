package io.gpuagent.testing;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.nio.file.Files;

/** Rules of structure that every module keeps. */
public final class HouseRules {

    private HouseRules() {}

    public static void packagesHaveNoCycles(JavaClasses classes) {
        slices().matching("io.gpuagent.(**)").should().beFreeOfCycles().check(classes);
    }

    /** A static that changes is shared by all users of a library in one process. */
    public static void nothingStaticChanges(JavaClasses classes) {
        fields().that().areStatic().should().beFinal().check(classes);
        fields().that()
                .areStatic()
                .should()
                .notHaveRawType(describe(
                        "a type made to change",
                        type -> type.getPackageName().startsWith("java.util.concurrent")
                                || type.isAssignableTo(ThreadLocal.class)))
                .check(classes);
    }

    public static void classesAreNamedForWhatTheySay(JavaClasses classes) {
        noClasses().should().haveNameMatching(".*(Utils?|Helper|Manager|Impl)").check(classes);
    }

    /** Every class but those that open files. */
    public static DescribedPredicate<JavaClass> notFiles() {
        return describe(
                "do not open files",
                type -> !type.isEquivalentTo(Files.class)
                        && !type.getPackageName().equals("java.io.File"));
    }
}
