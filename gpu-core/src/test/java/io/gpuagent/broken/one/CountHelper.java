package io.gpuagent.broken.one;

import io.gpuagent.broken.two.Shared;
import java.nio.file.Files;
import java.nio.file.Path;

/** Breaks the rules about class names, package cycles, mutable statics and opening files. */
public final class CountHelper {

    static int count;

    boolean breaks() {
        return Files.exists(Path.of(Shared.CACHE.get("path")));
    }
}
