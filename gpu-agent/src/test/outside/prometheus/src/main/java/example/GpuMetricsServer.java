package example;

import io.gpuagent.agent.containers.CachingDirectory;
import io.gpuagent.agent.containers.ContainerSources;
import io.gpuagent.agent.metrics.GpuCollector;
import io.gpuagent.nvml.NvmlBackend;
import io.gpuagent.usage.Sampler;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.HTTPServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** Serves the GPU metrics of this node, with the names of its containers, at http://127.0.0.1:PORT/metrics. */
public final class GpuMetricsServer {

    public static void main(String[] args) throws Exception {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
        CachingDirectory names =
                new CachingDirectory(ContainerSources.of("auto", "auto", System.getenv(), Path.of("/")));
        Sampler sampler = Sampler.of(new NvmlBackend()).directory(names).start();
        CollectorRegistry registry = new CollectorRegistry();
        new GpuCollector(sampler::current).register(registry);
        HTTPServer server = new HTTPServer.Builder()
                .withInetSocketAddress(address)
                .withRegistry(registry)
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.close();
            sampler.close();
            names.close();
        }));
    }
}
