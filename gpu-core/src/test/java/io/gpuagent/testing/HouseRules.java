package io.gpuagent.testing;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;

/** Rules of structure that every module keeps. */
public final class HouseRules {

    private HouseRules() {}

    public static void packagesHaveNoCycles(JavaClasses classes) {
        slices().matching("io.gpuagent.(**)").should().beFreeOfCycles().check(classes);
    }

    /**
     * A static that changes is shared by all users of a library in one process.
     *
     * @param excepted fields as {@code Class.field}; each must exist
     */
    public static void nothingStaticChanges(JavaClasses classes, String... excepted) {
        Set<String> changing = new TreeSet<>();
        for (JavaClass type : classes) {
            for (JavaField field : type.getFields()) {
                if (field.getModifiers().contains(JavaModifier.STATIC) && changes(field)) {
                    changing.add(type.getSimpleName() + "." + field.getName());
                }
            }
        }
        assertEquals(new TreeSet<>(Set.of(excepted)), changing);
    }

    private static boolean changes(JavaField field) {
        boolean generated = field.getModifiers().contains(JavaModifier.SYNTHETIC);
        return !generated
                && (!field.getModifiers().contains(JavaModifier.FINAL)
                        || field.getRawType().getPackageName().startsWith("java.util.concurrent")
                                && !field.getRawType().isEnum()
                        || field.getRawType().isAssignableTo(ThreadLocal.class));
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
