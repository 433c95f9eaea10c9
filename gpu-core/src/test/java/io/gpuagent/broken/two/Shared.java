package io.gpuagent.broken.two;

import io.gpuagent.broken.one.CountHelper;
import java.io.File;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Breaks the rule about opening files, and the rule about mutable statics with fields that are final. */
public final class Shared {

    public static final Map<String, String> CACHE = new HashMap<>();
    static final int[] COUNTS = {0};
    static final AtomicInteger TOTAL = new AtomicInteger();
    static final String NAME = CountHelper.class.getName();

    boolean breaks() {
        return new File(NAME).exists();
    }
}
