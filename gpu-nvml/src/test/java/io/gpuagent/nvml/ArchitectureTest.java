package io.gpuagent.nvml;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.gpuagent.nvml");

    @Test
    void onlyTheBindingKnowsBytedeco() {
        noClasses()
                .that()
                .resideInAPackage("io.gpuagent.nvml")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(OURS);
    }

    @Test
    void theBindingDoesNotKnowTheBackend() {
        noClasses()
                .that()
                .resideInAPackage("io.gpuagent.nvml.binding")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.gpuagent.nvml")
                .check(OURS);
    }

    @Test
    void usersSeeTheBackendAndNothingElse() {
        classes()
                .that()
                .resideInAPackage("io.gpuagent.nvml")
                .and()
                .arePublic()
                .should()
                .haveNameMatching("io\\.gpuagent\\.nvml\\.NvmlBackend(\\$Options)?")
                .check(OURS);
    }

    @Test
    void theNativesOfBothPlatformsAreOnTheClassPath() {
        for (String platform : List.of("linux-x86_64", "linux-arm64")) {
            for (String file : List.of(
                    "org/bytedeco/javacpp/" + platform + "/libjnijavacpp.so",
                    "org/bytedeco/cuda/" + platform + "/libjninvml.so")) {
                assertNotNull(getClass().getClassLoader().getResource(file), file);
            }
        }
    }

    @Test
    void theNativesAreOfTheVersionOfTheClasses() throws Exception {
        String version = new String(org.bytedeco.javacpp.Loader.class
                .getResourceAsStream("/META-INF/maven/org.bytedeco/javacpp/pom.properties")
                .readAllBytes());
        String natives = getClass()
                .getClassLoader()
                .getResource("org/bytedeco/javacpp/linux-x86_64/libjnijavacpp.so")
                .toString();
        String number = version.lines()
                .filter(line -> line.startsWith("version="))
                .findFirst()
                .orElseThrow()
                .substring(8);
        assertEquals(true, natives.contains("javacpp-" + number + "-linux-x86_64.jar"), natives);
    }
}
