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
 * Counts the inputs that the fuzz targets of a class were given, and fails the class if a target's committed inputs were not among
 * them: without a fuzzing run a target is content with no input but the empty one. Not for use by several threads.
 */
public final class Replay implements AfterAllCallback {

    private static final int LEAST_COMMITTED = 5;

    private final Map<String, Integer> given = new TreeMap<>();

    /** Counts one input of a target, which goes by its method's name. */
    public void count(String target) {
        given.merge(target, 1, Integer::sum);
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException, URISyntaxException {
        if (System.getenv("JAZZER_FUZZ") != null) {
            // A new target has nothing committed before it was fuzzed once. The build takes the variable away from its
            // tests.
            return;
        }
        for (Map.Entry<String, Integer> target : given.entrySet()) {
            int committed = committed(context.getRequiredTestClass(), target.getKey());
            assertTrue(
                    committed >= LEAST_COMMITTED && target.getValue() > committed,
                    () -> target.getKey() + " was given " + target.getValue() + " inputs; committed for it: "
                            + committed);
        }
    }

    /** The number of files where Jazzer looks for a target's inputs. */
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
