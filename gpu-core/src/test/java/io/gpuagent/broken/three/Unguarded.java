package io.gpuagent.broken.three;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** Breaks the rules of what tests open. Its name is not one that the build runs as a test. */
abstract class Unguarded {

    static InputStream shared;
    private final InputStream certain = new ByteArrayInputStream(new byte[0]);
    private InputStream own;

    @BeforeAll
    static void open() {
        shared = new ByteArrayInputStream(new byte[0]);
    }

    @AfterEach
    void close() throws Exception {
        certain.close();
        closeOwn();
    }

    private void closeOwn() throws Exception {
        own.close();
    }

    @AfterAll
    static void closeAll() throws Exception {
        shared.close();
    }
}
