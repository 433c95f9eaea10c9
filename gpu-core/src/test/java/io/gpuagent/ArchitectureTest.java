package io.gpuagent;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.gpuagent.testing.HouseRules;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Checks the dependencies between the packages of gpu-core. These are plain JUnit tests because not every test engine
 * runs fields annotated with {@code @ArchTest}.
 */
class ArchitectureTest {

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.gpuagent");

    @ParameterizedTest(name = "{0} depends only on {1}")
    @CsvSource({
        "device,device",
        "cgroup,cgroup",
        "platform,platform",
        "process,process platform",
        "workload,workload cgroup process",
        "retry,retry",
        "usage,usage device platform retry workload",
        "simulation,simulation device platform process workload"
    })
    void packageDependsOnlyOnAllowedPackages(String name, String allowed) {
        String[] packages = ("java.. org.jspecify.. " + allowed)
                .replaceAll("(?<= )(?!org)(\\w+)", "io.gpuagent.$1")
                .split(" ");
        classes()
                .that()
                .resideInAPackage("io.gpuagent." + name)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(packages))
                .check(CORE);
    }

    @Test
    void everyPackageHasAllowedDependencies() {
        HouseRules.everyPackageHasItsArrows(
                CORE,
                Stream.of("device", "cgroup", "platform", "process", "retry", "workload", "usage", "simulation")
                        .map("io.gpuagent."::concat)
                        .collect(Collectors.toSet()));
    }

    @Test
    void packagesHaveNoCycles() {
        HouseRules.packagesHaveNoCycles(CORE);
    }

    @Test
    void thereAreNoMutableStatics() {
        HouseRules.nothingStaticChanges(CORE);
    }

    @Test
    void classNamesHaveNoGenericSuffix() {
        HouseRules.classesAreNamedForWhatTheySay(CORE);
    }

    @Test
    void onlyPlatformProcessAndSimulationOpenFiles() {
        classes()
                .that()
                .resideOutsideOfPackages("io.gpuagent.platform", "io.gpuagent.process", "io.gpuagent.simulation")
                .should()
                .onlyDependOnClassesThat(HouseRules.notFiles())
                .check(CORE);
    }

    @Test
    void testsCloseWhatTheyOpen() {
        HouseRules.testsCloseWhatTheyOpen();
    }
}
