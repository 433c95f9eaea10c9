package io.gpuagent.broken.three;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/**
 * Breaks the rules about the resources that tests open. The build does not run it as a test, because its name does not
 * end in Test.
 */
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
