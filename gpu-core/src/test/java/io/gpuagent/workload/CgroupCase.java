package io.gpuagent.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.cgroup.MountInfo;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A case of the corpus: the text of a process's files and the expected workload. */
record CgroupCase(JsonNode json) {

    private static final List<String> KEYS =
            List.of("kind", "runtime", "container_id", "pod_uid", "qos", "unit", "slurm_job");

    private static final Set<String> ONLY_CGROUP_MOUNTS = Set.of(
            "mountinfo-v2-docker-parent-mount",
            "mountinfo-v2-kubepods-fallback",
            "mountinfo-v1-docker",
            "mountinfo-containerd-v1-sandbox-hostname",
            "mountinfo-crio-v1-2");

    static List<CgroupCase> all() {
        ObjectMapper mapper = new ObjectMapper();
        List<CgroupCase> cases = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(CgroupCase.class.getResourceAsStream("cases.jsonl"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                cases.add(new CgroupCase(mapper.readTree(line)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cases;
    }

    String id() {
        return json.get("id").textValue();
    }

    boolean isJudgement() {
        for (JsonNode tag : json.get("tags")) {
            if (tag.textValue().equals("judgement")) {
                return true;
            }
        }
        return false;
    }

    String cgroup() {
        if (!json.get("cgroup").isNull()) {
            return json.get("cgroup").textValue();
        }
        StringBuilder text = new StringBuilder();
        json.get("cgroup_parts")
                .forEach(part ->
                        text.append(part.get(0).textValue().repeat(part.get(1).intValue())));
        return text.toString();
    }

    boolean hasMounts() {
        return json.has("mountinfo");
    }

    /** The text of mountinfo; empty if the case has none. */
    String mounts() {
        return hasMounts() ? json.get("mountinfo").textValue() : "";
    }

    /**
     * The corpus states what the mounts name. A cgroup mount proves nothing: a process in a mount namespace of its own
     * can bind the cgroup of any container.
     */
    Map<String, @Nullable String> expected() {
        return compared(json.get(ONLY_CGROUP_MOUNTS.contains(id()) ? "expect_cgroup_only" : "expect"));
    }

    Map<String, @Nullable String> expectedOfCgroupOnly() {
        return compared(json.get(hasMounts() ? "expect_cgroup_only" : "expect"));
    }

    Map<String, @Nullable String> actualOfCgroupOnly(String cgroup) {
        CgroupFile file = CgroupFile.parse(cgroup);
        return compared(actual(file, WorkloadRules.workload(file)));
    }

    Map<String, @Nullable String> actual() {
        CgroupFile file = CgroupFile.parse(cgroup());
        MountInfo mounts = MountInfo.parse(mounts());
        Optional<Workload> found = WorkloadRules.workload(file, () -> mounts, () -> HostMounts.owning(mounts));
        return compared(actual(file, found));
    }

    private static JsonNode actual(CgroupFile file, Optional<Workload> workload) {
        var actual = new ObjectMapper().createObjectNode();
        actual.put("kind", file.lines().isEmpty() && workload.isEmpty() ? "none" : "host");
        workload.ifPresent(found -> {
            if (found instanceof Workload.Container c) {
                actual.put("kind", "container")
                        .put("runtime", c.runtime() == null ? null : c.runtime().label())
                        .put("container_id", c.id());
                actual.put("pod_uid", c.podUid()).put("qos", c.qos());
            } else if (found instanceof Workload.Lxc lxc) {
                actual.put("kind", "lxc").put("runtime", "lxc").put("container_id", lxc.name());
            } else if (found instanceof Workload.Pod pod) {
                actual.put("kind", "pod_slice").put("pod_uid", pod.uid()).put("qos", pod.qos());
            } else if (found instanceof Workload.Job job) {
                actual.put("kind", "slurm_job").put("slurm_job", job.id());
            } else if (found instanceof Workload.Unit unit) {
                actual.put("kind", "systemd_unit").put("unit", unit.name());
            }
        });
        return actual;
    }

    private Map<String, @Nullable String> compared(JsonNode actual) {
        Map<String, @Nullable String> compared = new LinkedHashMap<>();
        for (String key : KEYS) {
            if (!json.has("compare") || isCompared(key)) {
                compared.put(key, actual.hasNonNull(key) ? actual.get(key).asText() : null);
            }
        }
        return compared;
    }

    private boolean isCompared(String key) {
        for (JsonNode name : json.get("compare")) {
            if (name.textValue().equals(key)) {
                return true;
            }
        }
        return false;
    }
}
