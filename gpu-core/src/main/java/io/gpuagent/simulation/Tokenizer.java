package io.gpuagent.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cuts a line of a scenario into words, as bytes of UTF-8: an escape can stand for a single one. */
final class Tokenizer {

    private final byte[] line;
    private int at;

    private Tokenizer(String line) {
        this.line = line.getBytes(StandardCharsets.UTF_8);
    }

    /** None for a blank line or a comment. */
    static List<Token> of(String line) {
        Tokenizer rest = new Tokenizer(line);
        List<Token> words = new ArrayList<>();
        while (rest.more()) {
            words.add(rest.next());
        }
        return words;
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private boolean more() {
        while (at < line.length && Character.isWhitespace(line[at])) {
            at++;
        }
        return at < line.length && line[at] != '#';
    }

    private Token next() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String key = null;
        boolean quoted = false;
        for (; at < line.length && (quoted || !Character.isWhitespace(line[at])); at++) {
            if (line[at] == '"') {
                quoted = !quoted;
            } else if (line[at] == '=' && !quoted && key == null) {
                key = bytes.toString(StandardCharsets.UTF_8);
                bytes.reset();
            } else {
                bytes.write(quoted && line[at] == '\\' ? escaped() : line[at]);
            }
        }
        require(!quoted, "a quote is not closed");
        return new Token(key, bytes.toString(StandardCharsets.UTF_8));
    }

    /** The byte that the escape at the backslash stands for. */
    private int escaped() {
        at++;
        char c = at < line.length ? (char) line[at] : ' ';
        return switch (c) {
            case '"', '\\' -> c;
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'x' -> hex();
            default -> throw new IllegalArgumentException("unknown escape \\" + c);
        };
    }

    private int hex() {
        try {
            at += 2;
            return HexFormat.fromHexDigits(new String(line, at - 1, 2, StandardCharsets.US_ASCII));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("\\x needs two hexadecimal digits", e);
        }
    }
}
