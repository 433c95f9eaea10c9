package io.gpuagent.agent.attribution;

import static io.gpuagent.testing.AgentProcess.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.ContainerdDaemon;
import io.gpuagent.testing.ContainerdDaemon.Container;
import io.gpuagent.testing.ContainerdDaemon.Pod;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.Requirement;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attribution on a Kubernetes node: pods of a real containerd, created through the interface that the kubelet uses. */
class KubernetesIT extends OneGpu {

    private ContainerdDaemon containerd;

    @Override
    Set<Requirement> needs() {
        return ContainerdDaemon.NEEDS;
    }

    @BeforeEach
    void start(Opened opened) {
        containerd = opened.shared(ContainerdDaemon.class, ContainerdDaemon::start);
        serve("--docker.host=off", "--oci.bundles=" + containerd.taskRoot());
    }

    @Test
    void aPodsContainerHasItsNamesIdsImageAndExactBytes() {
        Pod pod = containerd.runPod("speech", "ivw-1014-66549f8f96-m2gkc", "ivw");
        play("proc 0 pid=" + pod.pid() + " mem=835M");
        String page = await("the names", text -> named(text, pod, "ivw", pod.containerId()));

        assertEquals(
                835 * MIB,
                value(
                        page,
                        MEMORY,
                        "kind=\"container\",workload=\"speech/ivw-1014-66549f8f96-m2gkc/ivw\",namespace=\"speech\","
                                + "pod=\"ivw-1014-66549f8f96-m2gkc\",container=\"ivw\",container_id=\""
                                + pod.containerId() + "\""));
        assertEquals(
                1.0,
                value(
                        page,
                        "gpu_workload_info",
                        "container_id=\"" + pod.containerId() + "\"",
                        "runtime=\"containerd\"",
                        "image=\"" + ContainerdDaemon.IMAGE + "\"",
                        "pod_uid=\"" + pod.uid() + "\"",
                        "qos=\"burstable\""));
        assertEquals(
                835 * MIB,
                value(
                        page,
                        "used_gpu_memory",
                        "container_name=\"k8s_ivw_ivw-1014-66549f8f96-m2gkc_speech_" + pod.uid() + "_0\"",
                        "container_id=\"" + pod.containerId().substring(0, 12) + "\""));
        assertTrue(value(page, "gpu_agent_container_lookups_total", "source=\"oci\"", "outcome=\"found\"") > 0, page);
    }

    @Test
    void aSandboxIsItsPod() {
        Pod pod = containerd.runPod("speech", "ivws", "ivws");
        play("proc 0 pid=" + pod.sandboxPid() + " mem=3M", "proc 0 pid=" + pod.pid() + " mem=1933M");
        String page = await(
                "the names of both",
                text -> text.contains("kind=\"pod\",workload=\"speech/ivws\"")
                        && named(text, pod, "ivws", pod.containerId()));
        assertEquals(3 * MIB, value(page, MEMORY, "kind=\"pod\"", "container=\"\",container_id=\"\""));
        assertFalse(page.contains("POD"), page);
    }

    @Test
    void aPodRecreatedUnderItsNameIsAnotherPod() {
        Pod first = containerd.runPod("batch", "trainer-0", "main");
        play("proc 0 pid=" + first.pid() + " mem=1G");
        await("the first pod", text -> named(text, first, "main", first.containerId()));
        containerd.removePod(first);
        Pod second = containerd.runPod("batch", "trainer-0", "main");
        String page = namedWithinTwoSamples(second, "proc 0 pid=" + second.pid() + " mem=2G");
        assertFalse(named(page, first, "main", first.containerId()), page);
        assertEquals(1.0, value(page, "gpu_workload_info", "pod_uid=\"" + second.uid() + "\""));
    }

    @Test
    void namesStayWhileContainerdIsDownAndNewPodsAreNamedAfterwards() {
        Pod steady = containerd.runPod("speech", "steady", "main");
        play("proc 0 pid=" + steady.pid() + " mem=1G");
        await("the name", text -> named(text, steady, "main", steady.containerId()));
        containerd.kill();
        assertStaysNamed(steady, Duration.ofSeconds(3));
        containerd.restart();
        assertStaysNamed(steady, Duration.ofSeconds(2));

        Pod fresh = containerd.runPod("speech", "fresh", "main");
        String page = namedWithinTwoSamples(
                fresh, "proc 0 pid=" + steady.pid() + " mem=1G", "proc 0 pid=" + fresh.pid() + " mem=2G");
        assertTrue(named(page, steady, "main", steady.containerId()), page);
    }

    @Test
    void aContainerOutsideAPodIsNamedByItsAnnotation() {
        Container container = containerd.runNamed("web");
        play("proc 0 pid=" + container.pid() + " mem=1G");
        String page = await("the name", text -> text.contains("workload=\"web\""));
        assertEquals(
                1.0 * (1 << 30),
                value(
                        page,
                        MEMORY,
                        "kind=\"container\",workload=\"web\",namespace=\"\",pod=\"\",container=\"web\",container_id=\""
                                + container.id() + "\""));
        assertEquals(1.0, value(page, "gpu_workload_info", "workload=\"web\"", "runtime=\"containerd\""));
    }

    private String namedWithinTwoSamples(Pod pod, String... processes) {
        return agent.metricsWithinTwoSamples(
                "the name of " + pod.name(),
                () -> play(processes),
                text -> named(text, pod, pod.container(), pod.containerId()));
    }

    private void assertStaysNamed(Pod pod, Duration time) {
        for (long end = System.nanoTime() + time.toNanos(); System.nanoTime() < end; ) {
            String page = agent.metrics();
            assertTrue(named(page, pod, pod.container(), pod.containerId()), page);
            Eventually.pause(Duration.ofMillis(100));
        }
    }

    private static boolean named(String page, Pod pod, String container, String id) {
        String workload = pod.namespace() + "/" + pod.name() + "/" + container;
        return !Double.isNaN(value(page, MEMORY, "workload=\"" + workload + "\"", "container_id=\"" + id + "\""));
    }
}
