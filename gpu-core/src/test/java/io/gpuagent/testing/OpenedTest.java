package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Opened.Scope.class)
class OpenedTest {

    /** The resources that were closed since the first of the repeated tests began. */
    private static final List<String> CLOSED = new ArrayList<>();

    private final List<String> closed = new ArrayList<>();
    private final Opened ofTheClass = new Opened(null);
    private final Opened opened = new Opened(ofTheClass);

    private interface Shared extends AutoCloseable {
        @Override
        void close();
    }

    @RepeatedTest(2)
    void eachTestIsClosedAfterItAndWhatItSharesAfterAll(Opened opened, RepetitionInfo repetition) {
        if (repetition.getCurrentRepetition() == 1) {
            CLOSED.clear();
        }
        assertEquals(repetition.getCurrentRepetition() == 1 ? List.of() : List.of("own"), CLOSED);
        opened.add(() -> CLOSED.add("own"));
        opened.shared(Shared.class, () -> () -> CLOSED.add("shared"));
    }

    @Test
    void newestIsClosedFirstAndNothingTwice() {
        opened.add(() -> closed.add("first"));
        opened.add(() -> closed.add("second"));
        opened.close();
        opened.close();
        assertEquals(List.of("second", "first"), closed);
    }

    @Test
    void oneThatFailsToCloseKeepsNoOtherOpen() {
        opened.add(() -> closed.add("first"));
        opened.add(() -> {
            throw new IOException("second");
        });
        opened.add(() -> {
            throw new AssertionError("third");
        });
        Throwable failure = assertThrows(IllegalStateException.class, opened::close);
        assertEquals("third", failure.getSuppressed()[0].getMessage());
        assertEquals("second", failure.getSuppressed()[1].getMessage());
        assertEquals(List.of("first"), closed);
    }

    @Test
    void sharedOneIsOpenedOnceAndClosedWithTheClass() {
        Shared one = opened.shared(Shared.class, () -> () -> closed.add("shared"));
        opened.close();
        assertSame(one, new Opened(ofTheClass).shared(Shared.class, () -> () -> closed.add("another")));
        assertEquals(List.of(), closed);
        ofTheClass.close();
        assertEquals(List.of("shared"), closed);
    }

    @Test
    void sharedOneThatCannotBeOpenedIsTriedAgainByTheNextTest() throws IOException {
        assertThrows(
                IOException.class,
                () -> opened.shared(Shared.class, () -> {
                    throw new IOException("down");
                }));
        opened.shared(Shared.class, () -> () -> closed.add("shared"));
        ofTheClass.close();
        assertEquals(List.of("shared"), closed);
    }
}
