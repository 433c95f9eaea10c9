package io.gpuagent.workload;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A container as its runtime describes it. A text longer than 1,024 characters is cut there: whoever names a container does not decide
 * how much memory that takes here.
 *
 * @param name the runtime's name, without Docker's leading slash
 * @param runtime such as {@code docker} or {@code podman}
 * @param image empty where the runtime does not tell
 * @param kubernetes null for a container that Kubernetes did not make, or whose labels do not say so
 */
public record ContainerDetails(
        String name,
        String runtime,
        String image,
        Map<String, String> labels,
        @Nullable KubernetesNames kubernetes) {

    private static final int LONGEST = 1024;

    public ContainerDetails {
        name = cut(name);
        image = cut(image);
        Map<String, String> kept = new TreeMap<>();
        labels.forEach((key, value) -> kept.put(key, cut(value)));
        labels = Collections.unmodifiableMap(kept);
    }

    /** These details with only those labels. */
    public ContainerDetails keeping(List<String> keys) {
        Map<String, String> kept = new TreeMap<>(labels);
        kept.keySet().retainAll(keys);
        return new ContainerDetails(name, runtime, image, kept, kubernetes);
    }

    /** Never between the halves of a character. */
    private static String cut(String text) {
        if (text.length() <= LONGEST) {
            return text;
        }
        boolean halved = Character.isHighSurrogate(text.charAt(LONGEST - 1));
        return text.substring(0, halved ? LONGEST - 1 : LONGEST);
    }

    /**
     * The names by which Kubernetes knows a container.
     *
     * @param podUid the pod's UID; null where it is not told
     * @param qos the pod's quality of service, in lower case; null where it is not told
     */
    public record KubernetesNames(
            String namespace,
            String pod,
            String container,
            @Nullable String podUid,
            @Nullable String qos) {

        public KubernetesNames {
            namespace = cut(namespace);
            pod = cut(pod);
            container = cut(container);
            podUid = podUid == null ? null : cut(podUid);
        }

        /** Names alone, where nothing more is told of the pod. */
        public KubernetesNames(String namespace, String pod, String container) {
            this(namespace, pod, container, null, null);
        }

        /** The names among a container's labels, where the kubelet wrote them; all three or none. */
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
         * The names in {@code k8s_<container>_<pod>_<namespace>_<uid>_<attempt>}, as dockershim, cri-dockerd and CRI-O call a
         * container: none of the parts can hold an underscore. A name that was taken has a random part behind it.
         */
        public static Optional<KubernetesNames> ofRuntimeName(String name) {
            // Not into as many as a hostile name has underscores.
            String[] parts = name.split("_", 8);
            boolean ours = (parts.length == 6 || parts.length == 7)
                    && parts[0].equals("k8s")
                    && parts[5].matches("[0-9]+")
                    && !parts[1].isEmpty()
                    && !parts[2].isEmpty()
                    && !parts[3].isEmpty();
            return ours
                    ? Optional.of(new KubernetesNames(
                            parts[3], parts[2], parts[1], parts[4].isEmpty() ? null : parts[4], null))
                    : Optional.empty();
        }

        /** The name that dockershim gave such a container. Its last part counts restarts, which a bundle does not tell: 0. */
        public String runtimeName() {
            return "k8s_" + container + "_" + pod + "_" + namespace + "_" + (podUid == null ? "" : podUid) + "_0";
        }

        /** These names with what is missing of the pod from the container's place among the cgroups. */
        public KubernetesNames withPod(Workload.@Nullable Container place) {
            return place == null
                    ? this
                    : new KubernetesNames(
                            namespace,
                            pod,
                            container,
                            podUid == null ? place.podUid() : podUid,
                            qos == null ? place.qos() : qos);
        }
    }
}
