package io.gpuagent.agent.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A configuration file of {@code name=value} lines, where a name is a flag without its dashes. Blank lines and lines that begin with {@code #} are skipped. */
final class ConfigFile {

    private ConfigFile() {}

    /** The values that the file sets, each with its file and line as origin. */
    static Map<Flag, FlagValues.Value> read(FlagValues.Value file) throws UsageException {
        Map<Flag, FlagValues.Value> values = new EnumMap<>(Flag.class);
        List<String> lines = text(file).lines().map(String::strip).toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isEmpty() && !lines.get(i).startsWith("#")) {
                add(values, file.text() + ":" + (i + 1), lines.get(i));
            }
        }
        return values;
    }

    private static String text(FlagValues.Value file) throws UsageException {
        try {
            return Files.readString(Path.of(file.text()));
        } catch (NoSuchFileException e) {
            throw file.refused("does not exist");
        } catch (CharacterCodingException e) {
            throw file.refused("is not valid UTF-8");
        } catch (IOException | InvalidPathException e) {
            throw file.refused("cannot be read: " + e);
        }
    }

    private static void add(Map<Flag, FlagValues.Value> values, String place, String line) throws UsageException {
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw new UsageException(place + ": '" + line + "' is not of the form name=value, such as log.level=debug");
        }
        String key = line.substring(0, equals).strip();
        Flag flag = Arrays.stream(Flag.values())
                .filter(known -> known.key.equals(key) && known.isGlobal() && known != Flag.CONFIG)
                .findFirst()
                .orElseThrow(() -> new UsageException(place + ": unknown key '" + key + "'"));
        String value = line.substring(equals + 1).strip();
        if (values.put(flag, new FlagValues.Value(place + ": " + key, value)) != null) {
            throw new UsageException(place + ": " + key + " is set twice");
        }
    }
}
