package io.gpuagent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserNamesTest {

    @TempDir
    Path directory;

    @Test
    void firstOfSeveralNamesOfAUidWins() {
        assertEquals(
                Map.of(0, "root", 1000, "ada"),
                UserNames.parse(
                        "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\nada:x:1000:1000:Ada, L.:/home/ada:/bin/zsh\n"));
    }

    @Test
    void malformedLinesAreSkipped() {
        assertEquals(
                Map.of(7, "seven"),
                UserNames.parse("\n#\n+::::\n:x:5:\nx:x:-1:\nx:x:99999999999:\nx:x:\nx\nseven:x:7:7\n\0\n"));
    }

    @Test
    void fileIsReReadWhenItChanges() throws IOException {
        Path file = directory.resolve("passwd");
        UserNames users = new UserNames(file, directory.resolve("subuid"), UserLabel.NAME);
        assertEquals(Optional.empty(), users.name(1000));
        Files.writeString(file, "ada:x:1000:1000\n");
        assertEquals(Optional.of("ada"), users.name(1000));
        Files.writeString(file, "grace:x:1000:1000\n");
        assertEquals(Optional.of("grace"), users.name(1000));
        Files.delete(file);
        assertEquals(Optional.of("grace"), users.name(1000));
        assertEquals(Optional.empty(), users.name(1001));
    }

    @Test
    void uidOfARangeIsItsOwners() throws IOException {
        Files.writeString(directory.resolve("passwd"), "ada:x:1000:1000\ngrace:x:1001:1001\n");
        Files.writeString(directory.resolve("subuid"), "ada:100000:65536\n1001:165536:65536\nx\n");
        UserNames names = names(UserLabel.NAME);
        assertEquals(Optional.of("ada"), names.name(100_999));
        assertEquals(Optional.of("grace"), names.name(165_536));
        assertEquals(Optional.empty(), names.name(231_072));
        UserNames uids = names(UserLabel.UID);
        assertEquals(Optional.of("1000"), uids.name(100_999));
        assertEquals(Optional.of("1001"), uids.name(1001));
        assertEquals(Optional.empty(), uids.name(7));
        assertEquals(Optional.of(""), names(UserLabel.OFF).name(1000));
    }

    private UserNames names(UserLabel label) {
        return new UserNames(directory.resolve("passwd"), directory.resolve("subuid"), label);
    }
}
