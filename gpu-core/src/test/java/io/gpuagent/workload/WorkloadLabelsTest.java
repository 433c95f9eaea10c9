package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkloadLabelsTest {

    private static final String ID = "0f6a0e913c52" + "0".repeat(52);
    private static final String UID = "f69b516a-c807-11ea-b574-e8611f15cb84";
    private static final Workload.Container CONTAINER =
            new Workload.Container(ContainerRuntime.DOCKER, ID, UID, "burstable");

    @Test
    void containerWithoutANameShowsItsShortId() {
        assertEquals(new WorkloadLabels("container", "0f6a0e913c52", "", "", "", ID), labels(CONTAINER, null));
    }

    @Test
    void kubernetesContainerShowsNamespacePodAndContainer() {
        ContainerDetails details = new ContainerDetails(
                "k8s_ivw_ivw-1014_speech_u_0",
                ContainerRuntime.DOCKER,
                "",
                Map.of(),
                new KubernetesNames("speech", "ivw-1014", "ivw", UID, null));
        assertEquals(
                new WorkloadLabels("container", "speech/ivw-1014/ivw", "speech", "ivw-1014", "ivw", ID),
                labels(CONTAINER, details));
    }

    @Test
    void containerInAPodWithoutKubernetesNamesShowsTheRuntimesName() {
        ContainerDetails details = new ContainerDetails("ivws-channels", ContainerRuntime.DOCKER, "", Map.of(), null);
        assertEquals(
                new WorkloadLabels("container", "ivws-channels", "", "", "ivws-channels", ID),
                labels(CONTAINER, details));
    }

    @Test
    void unitsAndSessionsOfAUserHaveTheUserAsPrefix() {
        assertEquals("ollama.service", name(new Workload.Unit("ollama.service", null)));
        assertEquals("user-1000/jupyter.service", name(new Workload.Unit("jupyter.service", "1000")));
        assertEquals("user-1000/session", name(new Workload.Unit("session-3.scope", "1000")));
        assertEquals("user-1000/session", name(new Workload.Unit("session-c12.scope", "1000")));
    }

    @Test
    void eachKindHasItsName() {
        assertEquals("481516", name(new Workload.Job("481516")));
        assertEquals("guest", name(new Workload.Lxc("guest")));
        assertEquals("gpu-burn", name(new Workload.HostProcess("gpu-burn")));
        assertEquals("f69b516a", name(new Workload.Pod("f69b516a", null)));
        assertEquals("alloc.task", name(new Workload.Container(ContainerRuntime.NOMAD, "alloc.task", null, null)));
    }

    @Test
    void containerNamedByItsIdShowsItsWholeId() {
        Workload.Container machine = new Workload.Container(ContainerRuntime.NSPAWN, "build-vm", null, null);
        assertEquals(
                new WorkloadLabels("container", "build-vm", "", "", "build-vm", "build-vm"), labels(machine, null));
    }

    @Test
    void podIsNamedByAnyOfItsContainers() {
        Workload.Pod pod = new Workload.Pod("f69b516a", "burstable");
        ContainerDetails sibling = new ContainerDetails(
                "k8s_POD_ivw-1014_speech_f69b516a_0",
                ContainerRuntime.CONTAINERD,
                "pause:3.9",
                Map.of(),
                new KubernetesNames("speech", "ivw-1014", "POD", "f69b516a", null));
        assertEquals(new WorkloadLabels("pod", "speech/ivw-1014", "speech", "ivw-1014", "", ""), labels(pod, sibling));
    }

    @Test
    void kubernetesNamesNeedAllThreeLabels() {
        Map<String, String> all = Map.of(
                "io.kubernetes.pod.namespace", "speech",
                "io.kubernetes.pod.name", "ivw-1014",
                "io.kubernetes.container.name", "ivw");
        assertEquals(Optional.of(new KubernetesNames("speech", "ivw-1014", "ivw")), KubernetesNames.of(all));
        assertEquals(Optional.empty(), KubernetesNames.of(Map.of("io.kubernetes.pod.name", "ivw-1014")));
    }

    private static WorkloadLabels labels(Workload workload, @Nullable ContainerDetails details) {
        return WorkloadLabels.of(workload, "python3", "", unused -> details);
    }

    private static String name(Workload workload) {
        return labels(workload, null).workload();
    }
}
