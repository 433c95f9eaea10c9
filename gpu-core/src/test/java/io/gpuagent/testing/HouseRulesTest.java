package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import io.gpuagent.broken.one.CountHelper;
import io.gpuagent.broken.two.Shared;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that every house rule fails on classes that break it. */
class HouseRulesTest {

    private static final JavaClasses BROKEN = new ClassFileImporter().importPackages("io.gpuagent.broken");

    @Test
    void packageCycleIsDetected() {
        assertThrows(AssertionError.class, () -> HouseRules.packagesHaveNoCycles(BROKEN));
    }

    @Test
    void everyMutableStaticIsDetected() {
        HouseRules.nothingStaticChanges(
                BROKEN, "CountHelper.count", "Shared.CACHE", "Shared.COUNTS", "Shared.TOTAL", "Unguarded.shared");
    }

    @Test
    void genericClassNameIsDetected() {
        assertThrows(AssertionError.class, () -> HouseRules.classesAreNamedForWhatTheySay(BROKEN));
    }

    @ParameterizedTest
    @ValueSource(classes = {CountHelper.class, Shared.class})
    void openedFileIsDetected(Class<?> opener) {
        assertThrows(
                AssertionError.class,
                () -> ArchRuleDefinition.classes()
                        .that()
                        .areAssignableTo(opener)
                        .should()
                        .onlyDependOnClassesThat(HouseRules.notFiles())
                        .check(BROKEN));
    }

    @Test
    void packageWithoutAllowedDependenciesIsDetected() {
        assertThrows(
                AssertionError.class,
                () -> HouseRules.everyPackageHasItsArrows(BROKEN, Set.of("io.gpuagent.broken.one")));
    }

    @Test
    void tearDownThatReadsWhatASkippedSetUpLeavesNullIsSeen() {
        String seen = assertThrows(AssertionError.class, () -> HouseRules.tearDownReadsOnlyFinalFields(BROKEN))
                .getMessage();
        assertTrue(seen.contains("Unguarded.close() reads own"), seen);
        assertTrue(seen.contains("Unguarded.closeAll() reads shared"), seen);
        assertFalse(seen.contains("certain"), seen);
    }

    @Test
    void setUpBeforeAllIsSeen() {
        assertThrows(AssertionError.class, () -> HouseRules.nothingIsSetUpBeforeAll(BROKEN));
    }

    @Test
    void staticThatIsToBeClosedIsSeen() {
        assertThrows(AssertionError.class, () -> HouseRules.nothingOpenIsStatic(BROKEN));
    }
}
