package example;

import io.gpuagent.agent.metrics.GpuMeterBinder;
import io.gpuagent.nvml.NvmlBackend;
import io.gpuagent.simulation.Simulation;
import io.gpuagent.usage.Sampler;
import io.gpuagent.workload.WorkloadResolver;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Shows the GPU metrics of this node, or of a simulated one if gpu.scenario names a file, at /actuator/prometheus. */
@SpringBootApplication
public class GpuApplication {

    public static void main(String[] args) {
        SpringApplication.run(GpuApplication.class, args);
    }

    @Bean
    Sampler gpuSampler(@Value("${gpu.scenario:}") String scenario) throws Exception {
        if (scenario.isEmpty()) {
            return Sampler.of(new NvmlBackend()).start();
        }
        Simulation node = Simulation.of(Path.of(scenario));
        return Sampler.of(node.backend())
                .workloads(new WorkloadResolver(node.processes()))
                .directory(node.directory())
                .start();
    }

    /** Spring Boot binds this bean to the registry, and closes it before the sampler. */
    @Bean
    GpuMeterBinder gpuMeters(Sampler gpuSampler) {
        return new GpuMeterBinder(gpuSampler::current);
    }
}
