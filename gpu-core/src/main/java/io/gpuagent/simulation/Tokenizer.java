package io.gpuagent.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Splits a line of a scenario into tokens. It works on UTF-8 bytes, because an escape can stand for a single byte. */
final class Tokenizer {

    private final byte[] line;
    private int position;

    private Tokenizer(String line) {
        this.line = line.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the tokens of a line; none for a blank line or a comment. */
    static List<Token> tokens(String line) {
        Tokenizer tokenizer = new Tokenizer(line);
        List<Token> tokens = new ArrayList<>();
        while (tokenizer.hasNext()) {
            tokens.add(tokenizer.next());
        }
        return tokens;
    }

    static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    private boolean hasNext() {
        while (position < line.length && Character.isWhitespace(line[position])) {
            position++;
        }
        return position < line.length && line[position] != '#';
    }

    private Token next() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String key = null;
        boolean quoted = false;
        for (; position < line.length && (quoted || !Character.isWhitespace(line[position])); position++) {
            if (line[position] == '"') {
                quoted = !quoted;
            } else if (line[position] == '=' && !quoted && key == null) {
                key = bytes.toString(StandardCharsets.UTF_8);
                bytes.reset();
            } else {
                bytes.write(quoted && line[position] == '\\' ? escaped() : line[position]);
            }
        }
        require(!quoted, "unterminated quote");
        return new Token(key, bytes.toString(StandardCharsets.UTF_8));
    }

    /** Returns the byte that the escape at the current position stands for. */
    private int escaped() {
        position++;
        char c = position < line.length ? (char) line[position] : ' ';
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
            position += 2;
            return HexFormat.fromHexDigits(new String(line, position - 1, 2, StandardCharsets.US_ASCII));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("\\x needs two hexadecimal digits", e);
        }
    }
}
