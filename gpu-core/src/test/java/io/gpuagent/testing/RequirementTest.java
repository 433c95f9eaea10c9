package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RequirementTest {

    @Test
    void programIsFoundOnThePath() {
        assertTrue(Requirement.SETPRIV.isMet());
        assertEquals("setpriv", Requirement.SETPRIV.path().getFileName().toString());
    }

    @Test
    void continuousIntegrationInstallsTheSamePackages() throws IOException {
        String script = Files.readString(Path.of("../.ci/run"));
        Set<String> installed = Pattern.compile("\\[[\\w-]+]=([\\w.+-]+)|missing\\+=\\(([\\w.+-]+)\\)")
                .matcher(script)
                .results()
                .map(RequirementTest::lastGroup)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> needed = Stream.of(Requirement.values())
                .flatMap(need -> Stream.of(need.packages().split(" ")))
                .filter(name -> !name.isEmpty() && !name.equals("util-linux"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(installed.containsAll(needed), () -> needed + " are needed, and CI installs " + installed);
    }

    private static String lastGroup(MatchResult found) {
        return found.group(1) != null ? found.group(1) : found.group(2);
    }
}
