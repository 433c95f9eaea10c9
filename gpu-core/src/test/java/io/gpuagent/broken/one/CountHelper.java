package io.gpuagent.broken.one;

import io.gpuagent.broken.two.Shared;
import java.nio.file.Files;
import java.nio.file.Path;

/** Breaks the rules of names, of cycles, of statics and of files. */
public final class CountHelper {

    static int count;

    boolean breaks() {
        return Files.exists(Path.of(Shared.CACHE.get("path")));
    }
}
