package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.gpuagent.testing.Command;
import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks the Kubernetes files against the fabric8 models, which are generated from Kubernetes' schema; an unknown
 * field is an error.
 */
class KubernetesFilesTest {

    private static final Path ROOT = DeploymentFiles.ROOT.resolve("kubernetes");

    private static final Map<String, Class<?>> KINDS = Map.of(
            "Namespace", Namespace.class,
            "ServiceAccount", ServiceAccount.class,
            "Service", Service.class,
            "DaemonSet", DaemonSet.class,
            "CronJob", CronJob.class,
            "PersistentVolumeClaim", PersistentVolumeClaim.class,
            "PodMonitor", PodMonitor.class,
            "ServiceMonitor", ServiceMonitor.class);

    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                /** The models collect unknown fields in a map. */
                @Override
                public Boolean hasAnySetter(Annotated any) {
                    return false;
                }
            })
            .build();

    private static List<Path> files() {
        return DeploymentFiles.below(ROOT);
    }

    private static List<Path> kustomizations() {
        return files().stream()
                .filter(file -> file.endsWith("kustomization.yaml"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyFieldIsKnownToKubernetes(Path file) throws IOException {
        for (JsonNode document : DeploymentFiles.documents(file)) {
            String kind = document.path("kind").asText();
            // There is no model of Google's kind.
            if (!Set.of("Kustomization", "Component", "ClusterPodMonitoring").contains(kind)) {
                assertTrue(KINDS.containsKey(kind), kind);
                STRICT.treeToValue(withoutDirectives(document), KINDS.get(kind));
            }
        }
    }

    /** Removes the directives of a strategic merge patch, which are not fields of the model. */
    private static JsonNode withoutDirectives(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove("$patch");
        }
        node.forEach(KubernetesFilesTest::withoutDirectives);
        return node;
    }

    @ParameterizedTest
    @MethodSource("kustomizations")
    void kustomizationsReferToExistingFiles(Path file) {
        JsonNode kustomization = DeploymentFiles.yaml(file);
        List<String> named = new ArrayList<>();
        kustomization.path("resources").forEach(resource -> named.add(resource.asText()));
        kustomization
                .path("patches")
                .forEach(patch -> named.add(patch.path("path").asText()));
        assertFalse(named.isEmpty());
        for (String name : named) {
            assertTrue(Files.exists(file.resolveSibling(name)), name);
        }
    }

    @Test
    void everyFileIsUsed() {
        Set<Path> used = new TreeSet<>(kustomizations());
        for (Path file : kustomizations()) {
            JsonNode kustomization = DeploymentFiles.yaml(file);
            Stream.concat(
                            kustomization.path("resources").valueStream(),
                            kustomization.path("patches").valueStream().map(patch -> patch.path("path")))
                    .forEach(name -> used.add(file.resolveSibling(name.asText())));
        }
        // No kustomization lists this file: it is an alternative to pod-monitor.yaml that users choose.
        used.add(ROOT.resolve("monitors/service-monitor.yaml"));
        assertEquals(
                Set.of(), files().stream().filter(file -> !used.contains(file)).collect(Collectors.toSet()));
    }

    @Test
    void thePodHasNoMorePrivilegesThanItNeeds() throws IOException {
        DaemonSet agent =
                STRICT.treeToValue(DeploymentFiles.yaml(ROOT.resolve("base/daemon-set.yaml")), DaemonSet.class);
        Container container =
                agent.getSpec().getTemplate().getSpec().getContainers().get(0);
        assertEquals(
                List.of("ALL"), container.getSecurityContext().getCapabilities().getDrop());
        assertEquals(false, container.getSecurityContext().getAllowPrivilegeEscalation());
        assertEquals(true, container.getSecurityContext().getReadOnlyRootFilesystem());
        assertEquals(false, agent.getSpec().getTemplate().getSpec().getEnableServiceLinks());
        assertNotNull(container.getLivenessProbe());
        for (Path file : files()) {
            String text = DeploymentFiles.text(file);
            assertFalse(text.matches("(?s).*\\bprivileged: *true.*"), file.toString());
        }
    }

    /** A comment above each host path explains it. */
    @ParameterizedTest
    @MethodSource("files")
    void everyHostPathHasAComment(Path file) {
        String[] lines = DeploymentFiles.text(file).split("\n");
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].contains("hostPath:")) {
                assertTrue(lines[i - 2].strip().startsWith("#"), file + ": " + lines[i - 1].strip());
            }
        }
    }

    @Test
    void monitorsKeepTheLabelsOfWorkloads() {
        for (String name : List.of("pod-monitor", "service-monitor")) {
            JsonNode monitor = DeploymentFiles.documents(ROOT.resolve("monitors/" + name + ".yaml")).stream()
                    .filter(document -> document.path("kind").asText().endsWith("Monitor"))
                    .findFirst()
                    .orElseThrow();
            JsonNode endpoint = monitor.path("spec")
                    .path(name.startsWith("pod") ? "podMetricsEndpoints" : "endpoints")
                    .path(0);
            assertTrue(endpoint.path("honorLabels").asBoolean(), name);
            List<String> dropped = List.of(
                    endpoint.path("relabelings").path(0).path("regex").asText().split("\\|"));
            assertTrue(dropped.containsAll(List.of("namespace", "pod", "container")), name + ": " + dropped);
        }
    }

    @Test
    void googlesMonitorAddsNoLabelsOfTheAgentsPod() {
        JsonNode spec = DeploymentFiles.yaml(ROOT.resolve("monitors/google/cluster-pod-monitoring.yaml"))
                .path("spec");
        assertTrue(spec.path("targetLabels").path("metadata").isArray());
        assertTrue(spec.path("targetLabels").path("metadata").isEmpty());
    }

    /** kustomize as built into {@code kubectl} since 1.27. */
    @ParameterizedTest
    @MethodSource("kustomizations")
    void kustomizeRendersEveryKustomization(Path file) throws IOException {
        String version = Command.isOnPath("kubectl")
                ? Command.of(List.of("kubectl", "version", "--client")).output()
                : "";
        Requirement.unlessOlder("kustomize 5", version.contains("Kustomize Version: v5"), "kubectl 1.27 or newer");
        Command.Result rendered =
                Command.of(List.of("kubectl", "kustomize", file.getParent().toString()));
        assertEquals(0, rendered.status(), rendered.output());
        for (JsonNode document : DeploymentFiles.documentsOf(rendered.output())) {
            String kind = document.path("kind").asText();
            if (!kind.equals("ClusterPodMonitoring")) {
                STRICT.treeToValue(document, KINDS.get(kind));
            }
        }
    }
}
