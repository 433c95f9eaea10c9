package io.gpuagent.nvml;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.gpuagent.testing.HouseRules;
import org.junit.jupiter.api.Test;

/** Checks the dependency and naming rules of gpu-nvml. */
class ArchitectureTest {

    private static final JavaClasses NVML = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.gpuagent.nvml");

    @Test
    void onlyTheBindingUsesJavaCpp() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.gpuagent.nvml.binding")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(NVML);
    }

    @Test
    void onlyTheDevicePlatformAndRetryPackagesOfTheCoreAreUsed() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "org.bytedeco..",
                        "io.gpuagent.nvml..",
                        "io.gpuagent.device",
                        "io.gpuagent.platform",
                        "io.gpuagent.retry")
                .check(NVML);
    }

    @Test
    void theBackendIsTheOnlyPublicType() {
        DescribedPredicate<JavaClass> topLevel = DescribedPredicate.describe("top level", JavaClass::isTopLevelClass);
        classes()
                .that(topLevel)
                .and()
                .resideInAPackage("io.gpuagent.nvml")
                .and()
                .arePublic()
                .should()
                .haveSimpleName("NvmlBackend")
                .check(NVML);
    }

    @Test
    void packagesHaveNoCycles() {
        HouseRules.packagesHaveNoCycles(NVML);
    }

    @Test
    void classesAreNamedForWhatTheySay() {
        HouseRules.classesAreNamedForWhatTheySay(NVML);
    }

    /** These two fields are static because a native library is mapped once per process and cannot be unloaded. */
    @Test
    void onlyTheMappedLibrariesAreMutableStatics() {
        HouseRules.nothingStaticChanges(NVML, "Nvml.loaded", "NativeFiles.javacppMapped");
    }

    @Test
    void testsCloseWhatTheyOpen() {
        HouseRules.testsCloseWhatTheyOpen();
    }
}
