package io.gpuagent.agent;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.gpuagent.testing.HouseRules;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The allowed dependencies between the packages of gpu-agent. */
class ArchitectureTest {

    private static final JavaClasses AGENT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.gpuagent.agent");

    @ParameterizedTest(name = "{0} depends on no package of the agent but {1}")
    @CsvSource({
        "metrics,metrics",
        "tls,tls",
        "http,http tls",
        "containers,containers tls",
        "cli,cli metrics",
        "log,log cli",
        "node,node cli containers metrics",
        "serve,serve node doctor cli containers http metrics",
        "ps,ps cli",
        "doctor,doctor node cli containers",
        "report,report cli tls"
    })
    void aPackageDependsOnlyOnAllowedPackages(String name, String allowed) {
        String[] packages = allowed.replaceAll("(\\S+)", "io.gpuagent.agent.$1").split(" ");
        classes()
                .that()
                .resideInAPackage("io.gpuagent.agent." + name)
                .should()
                .onlyDependOnClassesThat(
                        not(resideInAPackage("io.gpuagent.agent..")).or(resideInAnyPackage(packages)))
                .check(AGENT);
    }

    @Test
    void everyPackageDeclaresItsDependencies() {
        HouseRules.everyPackageHasItsArrows(
                AGENT,
                Stream.of(
                                "",
                                ".metrics",
                                ".tls",
                                ".http",
                                ".containers",
                                ".cli",
                                ".log",
                                ".node",
                                ".serve",
                                ".ps",
                                ".doctor",
                                ".report")
                        .map("io.gpuagent.agent"::concat)
                        .collect(Collectors.toSet()));
    }

    @Test
    void onlyTheNodeAndTheDoctorDependOnNvml() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.gpuagent.agent.node", "io.gpuagent.agent.doctor")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.gpuagent.nvml..")
                .check(AGENT);
    }

    @Test
    void onlyTheContainersPackageUsesTheDockerClient() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.gpuagent.agent.containers")
                .should()
                .dependOnClassesThat(resideInAnyPackage("com.github.dockerjava.."))
                .check(AGENT);
    }

    @Test
    void packagesHaveNoCycles() {
        HouseRules.packagesHaveNoCycles(AGENT);
    }

    @Test
    void noStaticFieldIsMutable() {
        HouseRules.nothingStaticChanges(AGENT);
    }

    @Test
    void classNamesFollowTheHouseRules() {
        HouseRules.classesAreNamedForWhatTheySay(AGENT);
    }

    @Test
    void testsCloseWhatTheyOpen() {
        HouseRules.testsCloseWhatTheyOpen();
    }
}
