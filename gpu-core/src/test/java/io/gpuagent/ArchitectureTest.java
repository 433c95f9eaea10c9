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

/** The arrows between the packages of gpu-core. Plain tests: fields marked as ArchUnit tests are not run by every engine. */
class ArchitectureTest {

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.gpuagent");

    @ParameterizedTest(name = "{0} knows of nothing but {1}")
    @CsvSource({
        "device,device",
        "cgroup,cgroup",
        "process,process",
        "workload,workload cgroup process",
        "usage,usage device workload",
        "simulation,simulation device process workload"
    })
    void packageKnowsOnlyThoseItsArrowsPointTo(String name, String known) {
        String[] packages = ("java.. org.jspecify.. " + known)
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
    void everyPackageHasItsArrows() {
        HouseRules.everyPackageHasItsArrows(
                CORE,
                Stream.of("device", "cgroup", "process", "workload", "usage", "simulation")
                        .map("io.gpuagent."::concat)
                        .collect(Collectors.toSet()));
    }

    @Test
    void packagesHaveNoCycles() {
        HouseRules.packagesHaveNoCycles(CORE);
    }

    @Test
    void nothingStaticChanges() {
        HouseRules.nothingStaticChanges(CORE);
    }

    @Test
    void classesAreNamedForWhatTheySay() {
        HouseRules.classesAreNamedForWhatTheySay(CORE);
    }

    @Test
    void onlyProcFsOpensFilesOfProc() {
        classes()
                .that()
                .resideOutsideOfPackages("io.gpuagent.process", "io.gpuagent.simulation")
                .should()
                .onlyDependOnClassesThat(HouseRules.notFiles())
                .check(CORE);
    }
}
