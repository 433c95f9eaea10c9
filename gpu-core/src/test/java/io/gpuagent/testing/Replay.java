package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Counts the inputs of each fuzz target of a class, and fails the class if the committed inputs were not replayed.
 * Without this check, a target that only gets the empty input would pass in a normal build. Not thread-safe.
 */
public final class Replay implements AfterAllCallback {

    private static final int MIN_COMMITTED = 5;

    private final Map<String, Integer> counts = new TreeMap<>();

    /** Counts one input of a target, which is identified by its method's name. */
    public void count(String target) {
        counts.merge(target, 1, Integer::sum);
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException, URISyntaxException {
        if (System.getenv("JAZZER_FUZZ") != null) {
            // A new target has no committed inputs before its first fuzzing run. The build unsets this variable for its
            // own tests.
            return;
        }
        for (Map.Entry<String, Integer> target : counts.entrySet()) {
            int committed = committed(context.getRequiredTestClass(), target.getKey());
            assertTrue(
                    committed >= MIN_COMMITTED && target.getValue() > committed,
                    () -> target.getKey() + " ran with " + target.getValue() + " inputs; committed inputs: "
                            + committed);
        }
    }

    /** The number of files in the directory from which Jazzer replays a target's inputs. */
    private static int committed(Class<?> targets, String target) throws IOException, URISyntaxException {
        URL inputs = targets.getResource(targets.getSimpleName() + "Inputs/" + target);
        if (inputs == null) {
            return 0;
        }
        try (Stream<Path> files = Files.list(Path.of(inputs.toURI()))) {
            return (int) files.count();
        }
    }
}
