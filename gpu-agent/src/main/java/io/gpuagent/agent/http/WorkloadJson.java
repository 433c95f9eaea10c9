package io.gpuagent.agent.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The workloads on a GPU as JSON, with their processes. */
record WorkloadJson(JsonGenerator json) {

    void write(String name, List<WorkloadUsage> workloads) throws IOException {
        json.writeArrayFieldStart(name);
        for (WorkloadUsage usage : workloads) {
            workload(usage);
        }
        json.writeEndArray();
    }

    private void workload(WorkloadUsage usage) throws IOException {
        json.writeStartObject();
        labels(usage);
        origin(usage.workload(), usage.details());
        number(
                "memory_bytes",
                usage.memoryBytes().isPresent() ? usage.memoryBytes().getAsLong() : null);
        json.writeNumberField("process_count", usage.processes().size());
        json.writeNumberField("unknown_memory_processes", usage.unknownMemoryProcesses());
        json.writeArrayFieldStart("processes");
        for (ProcessUsage process : usage.processes()) {
            process(process);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void labels(WorkloadUsage usage) throws IOException {
        WorkloadLabels labels = usage.labels();
        json.writeStringField("mig", usage.mig());
        json.writeStringField("kind", labels.kind());
        json.writeStringField("workload", labels.workload());
        json.writeStringField("namespace", labels.namespace());
        json.writeStringField("pod", labels.pod());
        json.writeStringField("container", labels.container());
        json.writeStringField("container_id", labels.containerId());
    }

    private void origin(Workload workload, @Nullable ContainerDetails details) throws IOException {
        Workload.Container container = workload instanceof Workload.Container found ? found : null;
        Workload.Pod pod = workload instanceof Workload.Pod found ? found : null;
        String fromPath = container == null ? null : container.runtime();
        json.writeStringField("runtime", details == null ? fromPath : details.runtime());
        json.writeStringField("image", details == null ? null : details.image());
        json.writeStringField("pod_uid", pod != null ? pod.uid() : container != null ? container.podUid() : null);
        json.writeStringField("qos", pod != null ? pod.qos() : container != null ? container.qos() : null);
    }

    private void process(ProcessUsage usage) throws IOException {
        GpuProcess process = usage.process();
        json.writeStartObject();
        json.writeNumberField("pid", process.pid());
        json.writeStringField("type", process.type());
        number("memory_bytes", process.memoryBytes());
        json.writeStringField("comm", usage.comm());
        number("uid", usage.uid());
        json.writeEndObject();
    }

    private void number(String name, @Nullable Number value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value.longValue());
        }
    }
}
