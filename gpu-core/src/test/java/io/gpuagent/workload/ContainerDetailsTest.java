package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerDetailsTest {

    private static final String UID = "6ea6ee62-1b3c-4c0f-9a55-0d7c8f1f2a10";

    @Test
    void dockershimNameContainsTheKubernetesNames() {
        assertEquals(
                Optional.of(new KubernetesNames("speech", "ivw-1014-66549f8f96-m2gkc", "ivw", UID, null)),
                KubernetesNames.ofRuntimeName("k8s_ivw_ivw-1014-66549f8f96-m2gkc_speech_" + UID + "_12"));
    }

    @Test
    void nameMayHaveARandomSuffix() {
        assertEquals(
                Optional.of(new KubernetesNames("d", "p", "c", "u", null)),
                KubernetesNames.ofRuntimeName("k8s_c_p_d_u_0_1f2e3d4c"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "k8s",
                "k8s_c_p_d_u",
                "k8s_c_p_d_u_x",
                "k8s__p_d_u_0",
                "k9s_c_p_d_u_0",
                "k8s_a_b_c_d_e_0_x_y",
                "web"
            })
    void otherNamesAreNotKubernetesNames(String name) {
        assertEquals(Optional.empty(), KubernetesNames.ofRuntimeName(name));
    }

    @Test
    void runtimeNameHasTheDockershimFormatAndCanBeParsed() {
        KubernetesNames names = new KubernetesNames("speech", "ivw-1014", "ivw", UID, null);
        assertEquals("k8s_ivw_ivw-1014_speech_" + UID + "_0", names.runtimeName());
        assertEquals(Optional.of(names), KubernetesNames.ofRuntimeName(names.runtimeName()));
    }

    @Test
    void cgroupPathFillsInOnlyMissingPodDetails() {
        Workload.Container path = new Workload.Container(null, "a", "other", "burstable");
        assertEquals(
                new KubernetesNames("n", "p", "c", UID, "burstable"),
                new KubernetesNames("n", "p", "c", UID, null).withPod(path));
        assertEquals(
                new KubernetesNames("n", "p", "c", "other", "burstable"),
                new KubernetesNames("n", "p", "c").withPod(path));
        assertEquals(new KubernetesNames("n", "p", "c"), new KubernetesNames("n", "p", "c").withPod(null));
    }

    @Test
    void textsAreTruncatedButNeverWithinACharacter() {
        String emoji = "\ud83d\ude00";
        ContainerDetails details = new ContainerDetails(
                "n".repeat(65_536),
                ContainerRuntime.DOCKER,
                "x".repeat(1023) + emoji,
                Map.of("team", "y".repeat(1022) + emoji),
                new KubernetesNames("s".repeat(2000), "p", "c"));
        assertEquals("n".repeat(1024), details.name());
        assertEquals("x".repeat(1023), details.image());
        assertTrue(details.labels().get("team").endsWith(emoji));
        assertEquals(1024, details.kubernetes().namespace().length());
    }

    @Test
    void onlySelectedLabelsAreKept() {
        ContainerDetails details =
                new ContainerDetails("web", ContainerRuntime.DOCKER, "", Map.of("team", "asr", "secret", "x"), null);
        assertEquals(
                Map.of("team", "asr"), details.keeping(List.of("team", "app")).labels());
    }
}
