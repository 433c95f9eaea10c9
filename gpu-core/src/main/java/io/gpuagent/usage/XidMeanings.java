package io.gpuagent.usage;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What the numbers of errors mean, where NVIDIA says so. */
final class XidMeanings {

    private static final String TABLE = "xids.txt";

    private final Map<Integer, String> meanings = new HashMap<>();

    private XidMeanings() {}

    static XidMeanings read() {
        XidMeanings read = new XidMeanings();
        try (InputStream in = XidMeanings.class.getResourceAsStream(TABLE);
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(Objects.requireNonNull(in, TABLE), StandardCharsets.UTF_8))) {
            lines.lines().filter(line -> !line.startsWith("#")).forEach(read::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return read;
    }

    private void add(String line) {
        String[] columns = line.split(" ", 2);
        if (meanings.put(Integer.valueOf(columns[0]), columns[1]) != null) {
            throw new IllegalStateException(TABLE + " has two lines for " + columns[0]);
        }
    }

    Optional<String> of(int xid) {
        return Optional.ofNullable(meanings.get(xid));
    }
}
