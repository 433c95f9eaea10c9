package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import io.gpuagent.workload.ContainerRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OciBundleTest {

    private static final String UID = "6ea6ee62-1b3c-4c0f-9a55-0d7c8f1f2a10";
    private static final String CRI =
            "\"io.kubernetes.cri.container-type\":\"%s\",\"io.kubernetes.cri.sandbox-name\":\"ivw-1014\","
                    + "\"io.kubernetes.cri.sandbox-namespace\":\"speech\"";

    @Test
    void containerdsCriNamesThePodAndItsCgroupTheQosClass() throws IOException {
        KubernetesNames names = new KubernetesNames("speech", "ivw-1014-66549f8f96-m2gkc", "ivw", UID, "burstable");
        assertEquals(
                Optional.of(new ContainerDetails(
                        "k8s_ivw_ivw-1014-66549f8f96-m2gkc_speech_" + UID + "_0",
                        ContainerRuntime.CONTAINERD,
                        "registry.example/ivw:1.2",
                        Map.of(),
                        names)),
                recorded("containerd-1.6.config.json"));
    }

    @Test
    void aSandboxIsNamedAsDockershimNamedIt() throws IOException {
        ContainerDetails sandbox = annotated(CRI.formatted("sandbox")).orElseThrow();
        assertEquals(new KubernetesNames("speech", "ivw-1014", "POD"), sandbox.kubernetes());
    }

    @Test
    void aContainerOfAnOldCriWithoutNamesHasNone() throws IOException {
        assertEquals(Optional.empty(), annotated(CRI.formatted("container")));
        assertEquals(Optional.empty(), annotated("\"io.kubernetes.cri.container-type\":\"sandbox\""));
    }

    @Test
    void criONamesPodAndContainerAndKeepsLabels() throws IOException {
        ContainerDetails details = recorded("cri-o.config.json").orElseThrow();
        String uid = "aaaa2b4a-f398-41c0-928b-049e1cc4ec40";
        assertEquals("k8s_segfaulter_segfaulter_default_" + uid + "_3", details.name());
        assertEquals(ContainerRuntime.CRI_O, details.runtime());
        assertEquals("quay.example/segfaulter:latest", details.image());
        assertEquals("segfaulter", details.labels().get("run"));
        assertEquals(
                new KubernetesNames("default", "segfaulter", "segfaulter", uid, "besteffort"), details.kubernetes());
    }

    @Test
    void nerdctlNamesItsContainers() throws IOException {
        assertEquals(
                Optional.of(new ContainerDetails("runcdev", ContainerRuntime.CONTAINERD, "", Map.of(), null)),
                recorded("nerdctl.config.json"));
    }

    @Test
    void aPodmanBundleYieldsNoNameDespiteItsCriOAnnotations() throws IOException {
        assertEquals(Optional.empty(), recorded("podman-4.3.config.json"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "null",
                "{\"annotations\":null,\"linux\":null}",
                "{\"annotations\":{\"nerdctl/name\":null}}",
                "{\"linux\":{\"cgroupsPath\":null},\"annotations\":{\"nerdctl/name\":\"\"}}",
                "{\"annotations\":{\"io.kubernetes.cri-o.Labels\":\"not json\",\"io.kubernetes.cri-o.ContainerName\":\"x\"}}"
            })
    void aBundleWithoutNamesIsEmpty(String text) throws IOException {
        assertEquals(Optional.empty(), OciBundle.parse(text).details());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"annotations\":{", "[]", "7", "<<", "{\"annotations\":[1]}"})
    void textThatIsNotABundleIsRefused(String text) {
        assertThrows(JsonProcessingException.class, () -> OciBundle.parse(text));
    }

    private static Optional<ContainerDetails> annotated(String annotations) throws IOException {
        return OciBundle.parse("{\"annotations\":{" + annotations + "}}").details();
    }

    private static Optional<ContainerDetails> recorded(String name) throws IOException {
        return OciBundle.parse(text(name)).details();
    }

    static String text(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(OciBundleTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
