package io.gpuagent.workload;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A container's details from its runtime. Texts are truncated to 1,024 characters, to bound the memory that a
 * container's name can take.
 *
 * @param name the runtime's name, without Docker's leading slash
 * @param image empty if the runtime does not report it
 * @param kubernetes null for a container that Kubernetes did not create or that has no Kubernetes labels
 */
public record ContainerDetails(
        String name,
        ContainerRuntime runtime,
        String image,
        Map<String, String> labels,
        @Nullable KubernetesNames kubernetes) {

    private static final int MAX_LENGTH = 1024;

    public ContainerDetails {
        name = truncated(name);
        image = truncated(image);
        Map<String, String> kept = new TreeMap<>();
        labels.forEach((key, value) -> kept.put(key, truncated(value)));
        labels = Collections.unmodifiableMap(kept);
    }

    /** These details with only the labels of these keys. */
    public ContainerDetails keeping(List<String> keys) {
        Map<String, String> kept = new TreeMap<>(labels);
        kept.keySet().retainAll(keys);
        return new ContainerDetails(name, runtime, image, kept, kubernetes);
    }

    /** Truncates a text, but never within a surrogate pair. */
    private static String truncated(String text) {
        if (text.length() <= MAX_LENGTH) {
            return text;
        }
        boolean splitsPair = Character.isHighSurrogate(text.charAt(MAX_LENGTH - 1));
        return text.substring(0, splitsPair ? MAX_LENGTH - 1 : MAX_LENGTH);
    }

    /**
     * The Kubernetes names of a container.
     *
     * @param podUid the pod's UID; null if unknown
     * @param qos the pod's quality of service class in lower case; null if unknown
     */
    public record KubernetesNames(
            String namespace,
            String pod,
            String container,
            @Nullable String podUid,
            @Nullable String qos) {

        public KubernetesNames {
            namespace = truncated(namespace);
            pod = truncated(pod);
            container = truncated(container);
            podUid = podUid == null ? null : truncated(podUid);
        }

        /** Creates the names without the pod's UID and quality of service class. */
        public KubernetesNames(String namespace, String pod, String container) {
            this(namespace, pod, container, null, null);
        }

        /**
         * Reads the names from a container's labels, which the kubelet sets. Empty unless all three labels are present.
         */
        public static Optional<KubernetesNames> of(Map<String, String> labels) {
            String namespace = labels.getOrDefault("io.kubernetes.pod.namespace", "");
            String pod = labels.getOrDefault("io.kubernetes.pod.name", "");
            String container = labels.getOrDefault("io.kubernetes.container.name", "");
            return namespace.isEmpty() || pod.isEmpty() || container.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new KubernetesNames(namespace, pod, container, labels.get("io.kubernetes.pod.uid"), null));
        }

        /**
         * Parses {@code k8s_<container>_<pod>_<namespace>_<uid>_<attempt>}, the container name used by dockershim,
         * cri-dockerd and CRI-O. No part can contain an underscore. If the name is taken, a random part is appended.
         */
        public static Optional<KubernetesNames> ofRuntimeName(String name) {
            // Limits the number of parts: a hostile name may have many underscores.
            String[] parts = name.split("_", 8);
            boolean isKubernetes = (parts.length == 6 || parts.length == 7)
                    && parts[0].equals("k8s")
                    && parts[5].matches("[0-9]+")
                    && !parts[1].isEmpty()
                    && !parts[2].isEmpty()
                    && !parts[3].isEmpty();
            return isKubernetes
                    ? Optional.of(new KubernetesNames(
                            parts[3], parts[2], parts[1], parts[4].isEmpty() ? null : parts[4], null))
                    : Optional.empty();
        }

        /** The container name that dockershim would use. The attempt number is 0, since it is not known here. */
        public String runtimeName() {
            return "k8s_" + container + "_" + pod + "_" + namespace + "_" + (podUid == null ? "" : podUid) + "_0";
        }

        /** These names, with a missing pod UID or quality of service class taken from a pod or from a container's path. */
        public KubernetesNames withPod(@Nullable Workload owner) {
            if (owner instanceof Workload.Container path) {
                return withPod(path.podUid(), path.qos());
            }
            return owner instanceof Workload.Pod own ? withPod(own.uid(), own.qos()) : this;
        }

        private KubernetesNames withPod(@Nullable String otherUid, @Nullable String otherQos) {
            return new KubernetesNames(
                    namespace, pod, container, podUid == null ? otherUid : podUid, qos == null ? otherQos : qos);
        }
    }
}
