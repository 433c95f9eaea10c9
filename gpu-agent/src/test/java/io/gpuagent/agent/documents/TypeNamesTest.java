package io.gpuagent.agent.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** No two top-level types of main code share a simple name, even in different packages or with different capitalization. */
class TypeNamesTest {

    @Test
    void noTwoTypesShareASimpleName() {
        List<Path> types = Documents.files()
                .filter(file -> Documents.name(file).matches("[\\w-]+/src/main/java/.*\\.java"))
                .filter(file -> !file.toString().endsWith("-info.java"))
                .filter(file -> !LaterRewrites.contain(file))
                .toList();
        assertTrue(types.size() > 200, types.size() + " types");
        Map<String, List<String>> byName = types.stream()
                .collect(Collectors.groupingBy(
                        type -> type.getFileName().toString().toLowerCase(Locale.ROOT),
                        TreeMap::new,
                        Collectors.mapping(Documents::name, Collectors.toList())));
        byName.values().removeIf(same -> same.size() == 1);
        assertEquals(Map.of(), byName);
    }
}
