package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class TerminalTextTest {

    @Test
    void ordinaryTextIsUnchanged() {
        String text = "speech/ivw-0/ivw Größe 模型 🚀";
        assertSame(text, TerminalText.escape(text));
    }

    @Test
    void terminalControlCharactersAreEscaped() {
        assertEquals("\\x1b]0;title\\x07", TerminalText.escape("\u001b]0;title\u0007"));
        assertEquals("a\\nb\\rc\\td\\x00", TerminalText.escape("a\nb\rc\td\0"));
        assertEquals("\\x9b31m\\x7f", TerminalText.escape("\u009b31m\u007f"));
    }

    @Test
    void charactersThatReverseOrHideTextAreEscaped() {
        assertEquals("\\u202egpj.exe", TerminalText.escape("\u202egpj.exe"));
        assertEquals("a\\u200bb\\u2028c\\U000e0001", TerminalText.escape("a\u200bb\u2028c\udb40\udc01"));
        assertEquals("\\ud800", TerminalText.escape("\ud800"));
    }
}
