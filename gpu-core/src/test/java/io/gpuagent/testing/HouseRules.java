package io.gpuagent.testing;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileReader;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The structural rules that apply to every module. */
public final class HouseRules {

    private static final List<Class<?>> MUTABLE =
            List.of(ThreadLocal.class, StringBuilder.class, Number.class, AtomicBoolean.class, AtomicReference.class);

    private static final List<Class<?>> FILES = List.of(
            Files.class,
            File.class,
            FileInputStream.class,
            FileReader.class,
            RandomAccessFile.class,
            FileChannel.class);

    private HouseRules() {}

    public static void packagesHaveNoCycles(JavaClasses classes) {
        slices().matching("io.gpuagent.(**)").should().beFreeOfCycles().check(classes);
    }

    /**
     * Fails if a static field can change, since all users of a library in a process share it.
     *
     * @param excepted exempt fields as {@code Class.field}; each must exist and must be able to change
     */
    public static void nothingStaticChanges(JavaClasses classes, String... excepted) {
        Set<String> mutable = new TreeSet<>();
        for (JavaClass type : classes) {
            for (JavaField field : type.getFields()) {
                if (field.getModifiers().contains(JavaModifier.STATIC) && isMutable(field)) {
                    mutable.add(type.getSimpleName() + "." + field.getName());
                }
            }
        }
        assertEquals(new TreeSet<>(Set.of(excepted)), mutable);
    }

    private static boolean isMutable(JavaField field) {
        JavaClass type = field.getRawType();
        boolean generated = field.getModifiers().contains(JavaModifier.SYNTHETIC)
                || field.getName().startsWith("$");
        return !generated
                && (!field.getModifiers().contains(JavaModifier.FINAL)
                        || type.isArray()
                        || MUTABLE.stream().anyMatch(type::isAssignableTo)
                        || type.isAssignableTo(Collection.class) && holdsMutableCollection(field)
                        || type.isAssignableTo(Map.class) && holdsMutableCollection(field));
    }

    /** Whether the static initializer of the field's class creates a mutable collection. */
    private static boolean holdsMutableCollection(JavaField field) {
        return field.getOwner().getStaticInitializer().stream()
                .flatMap(initializer -> initializer.getConstructorCallsFromSelf().stream())
                .map(JavaConstructorCall::getTargetOwner)
                .anyMatch(created -> created.isAssignableTo(Collection.class) || created.isAssignableTo(Map.class));
    }

    /** Fails if the table of allowed dependencies lacks a package, which could then depend on anything. */
    public static void everyPackageHasItsArrows(JavaClasses classes, Set<String> known) {
        Set<String> packages = new TreeSet<>();
        classes.forEach(type -> packages.add(type.getPackageName()));
        assertEquals(new TreeSet<>(known), packages);
    }

    public static void classesAreNamedForWhatTheySay(JavaClasses classes) {
        noClasses().should().haveNameMatching(".*(Utils?|Helper|Manager|Impl)").check(classes);
    }

    /**
     * Checks that the tests of the current module close what they open, and that every skipped test is reported with
     * its reason.
     */
    public static void testsCloseWhatTheyOpen() {
        JavaClasses tests = new ClassFileImporter()
                .withImportOption(location -> !location.contains("/io/gpuagent/broken/"))
                .importPath("target/test-classes");
        tearDownReadsOnlyFinalFields(tests);
        nothingIsSetUpBeforeAll(tests);
        nothingOpenIsStatic(tests);
    }

    /**
     * Fails if a tear-down method reads a field that is not final. If the set-up is skipped, such a field is null, so
     * the tear-down would fail the build. Set-up methods register resources with {@link Opened} instead. Final fields
     * are safe, because they are assigned before any set-up.
     */
    static void tearDownReadsOnlyFinalFields(JavaClasses tests) {
        Set<String> unguarded = new TreeSet<>();
        for (JavaClass test : tests) {
            for (JavaMethod method : test.getMethods()) {
                if (method.isAnnotatedWith(AfterEach.class) || method.isAnnotatedWith(AfterAll.class)) {
                    settableFieldsOf(method, new HashSet<>())
                            .forEach(field -> unguarded.add(method.getFullName() + " reads " + field));
                }
            }
        }
        assertEquals(Set.of(), unguarded);
    }

    /**
     * Returns the non-final fields of the method's class that the method reads, directly or through other methods of
     * the class.
     */
    private static Set<String> settableFieldsOf(JavaMethod method, Set<JavaMethod> seen) {
        Set<String> fields = new TreeSet<>();
        if (!seen.add(method)) {
            return fields;
        }
        for (JavaFieldAccess access : method.getFieldAccesses()) {
            access.getTarget()
                    .resolveMember()
                    .filter(field ->
                            method.getOwner().isAssignableTo(field.getOwner().getName())
                                    && !field.getModifiers().contains(JavaModifier.FINAL))
                    .ifPresent(field -> fields.add(field.getName()));
        }
        for (JavaMethodCall call : method.getMethodCallsFromSelf()) {
            call.getTarget()
                    .resolveMember()
                    .filter(called ->
                            method.getOwner().isAssignableTo(called.getOwner().getName()))
                    .ifPresent(called -> fields.addAll(settableFieldsOf(called, seen)));
        }
        return fields;
    }

    /**
     * Fails if a test class uses {@code @BeforeAll}. If tests are skipped there, they are reported without a name and a
     * reason.
     */
    static void nothingIsSetUpBeforeAll(JavaClasses tests) {
        noMethods().should().beAnnotatedWith(BeforeAll.class).check(tests);
    }

    /**
     * Fails if a resource is kept in a static field that is not final. A failed test runs again in the same process,
     * where the field would still contain the closed resource.
     */
    static void nothingOpenIsStatic(JavaClasses tests) {
        fields().that()
                .haveRawType(assignableTo(AutoCloseable.class))
                .should()
                .beFinal()
                .orShould()
                .notBeStatic()
                .allowEmptyShould(true)
                .check(tests);
    }

    /** Matches every class that does not open files. */
    public static DescribedPredicate<JavaClass> notFiles() {
        return describe("do not open files", type -> FILES.stream().noneMatch(type::isEquivalentTo));
    }
}
