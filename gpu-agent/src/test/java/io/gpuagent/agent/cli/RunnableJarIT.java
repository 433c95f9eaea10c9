package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.Main;
import io.gpuagent.testing.Opened;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The runnable jar as the build wrote it. */
@ExtendWith(Opened.Scope.class)
class RunnableJarIT {

    private static final Path FILE = Path.of(System.getProperty("runnable.jar"));
    private static final long MOST_BYTES = 15L << 20;

    private JarFile jar;

    @BeforeEach
    void open(Opened opened) throws IOException {
        jar = opened.add(new JarFile(FILE.toFile()));
    }

    @Test
    void theJarIsSmall() throws IOException {
        assertTrue(Files.size(FILE) <= MOST_BYTES, Files.size(FILE) + " bytes");
    }

    @Test
    void theManifestStartsTheAgentWithNativeAccess() throws IOException {
        Attributes manifest = jar.getManifest().getMainAttributes();
        assertEquals(Main.class.getName(), manifest.getValue("Main-Class"));
        assertEquals("ALL-UNNAMED", manifest.getValue("Enable-Native-Access"));
        assertEquals("true", manifest.getValue("Multi-Release"));
    }

    @Test
    void theJarHoldsTheNativeLibrariesOfTwoArchitecturesOnly() {
        assertEquals(
                Set.of(
                        "org/bytedeco/cuda/linux-arm64/libjninvml.so",
                        "org/bytedeco/cuda/linux-x86_64/libjninvml.so",
                        "org/bytedeco/javacpp/linux-arm64/libjnijavacpp.so",
                        "org/bytedeco/javacpp/linux-x86_64/libjnijavacpp.so"),
                names(".*\\.(so|dll|dylib|jnilib|a|lib|exe)(\\.\\d+)*"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org/bytedeco/cuda/global/nvml.class",
                "org/bytedeco/cuda/presets/nvml.class",
                "org/bytedeco/cuda/presets/cudart.class",
                "org/bytedeco/cuda/nvml/nvmlMemory_v2_t.class",
                "org/bytedeco/javacpp/Loader.class",
                "org/bytedeco/javacpp/PointerScope.class",
                "org/bytedeco/javacpp/chrono/Milliseconds.class",
                "org/bytedeco/javacpp/tools/Logger.class",
                "org/bytedeco/javacpp/properties/linux-x86_64.properties",
                "META-INF/resources/webjars/uplot/1.6.30/LICENSE",
                "META-INF/LICENSE",
                "META-INF/NOTICE"
            })
    void theJarHoldsWhatNvmlAndTheLicencesNeed(String name) {
        assertNotNull(jar.getEntry(name), name);
    }

    @Test
    void theJarHoldsOnlyThoseBindingsThatNvmlNeeds() {
        assertEquals(Set.of(), names("org/bytedeco/cuda/global/(?!nvml).*"));
        assertEquals(Set.of(), names("org/bytedeco/javacpp/tools/(Parser|Generator|Builder).*"));
    }

    @Test
    void holdsNothingOfMicrometer() {
        assertEquals(Set.of(), names("(io/micrometer|org/HdrHistogram|org/LatencyUtils)/.*"));
    }

    @Test
    void theJarHoldsNoSignaturesOrModuleDescriptorsOfItsDependencies() {
        assertEquals(Set.of(), names("META-INF/[^/]*\\.(SF|DSA|RSA)"));
        assertEquals(Set.of(), names("(.*/)?module-info\\.class"));
    }

    @Test
    void theJarMergesServicesAndLicences() throws IOException {
        assertTrue(text("META-INF/services/org.slf4j.spi.SLF4JServiceProvider").contains("org.slf4j.jul"));
        assertTrue(text("META-INF/NOTICE").contains("Jackson"));
        assertFalse(text("META-INF/LICENSE").isBlank());
    }

    private Set<String> names(String pattern) {
        return jar.stream()
                .filter(entry -> !entry.isDirectory())
                .map(ZipEntry::getName)
                .filter(name -> name.matches(pattern))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private String text(String name) throws IOException {
        return new String(jar.getInputStream(jar.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
    }
}
