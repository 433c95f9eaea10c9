package io.gpuagent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.gpuagent.usage.Sampler;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Checks the list of types that embedders can use. A type is added to the list only if embedders need it. */
class ExportedTypesTest {

    private static final String EXPORTED = """
            device.BackendUnavailableException
            device.CallFault
            device.DeviceMetric
            device.Engine
            device.Gpu
            device.GpuBackend
            device.GpuDetail
            device.GpuIdentity
            device.GpuMemory
            device.GpuProcess
            device.GpuSample
            device.GpuUnavailableException
            device.Inventory
            device.MetricGroup
            device.MetricSelection
            device.MigInstance
            device.ProcessList
            device.ProcessUtilization
            device.Reading
            device.ReturnCode
            device.XidEvent
            process.ProcFs
            process.ProcessIdentity
            process.ProcessSource
            process.ProcessStat
            process.UserLabel
            simulation.ScenarioException
            simulation.Simulation
            usage.Account
            usage.Attribution
            usage.BackendState
            usage.DurationHistogram
            usage.Energy
            usage.GpuState
            usage.GpuUsage
            usage.ProcessUsage
            usage.Sampler
            usage.SamplerTotals
            usage.Snapshot
            usage.WorkloadUsage
            usage.XidCount
            workload.ContainerDetails
            workload.ContainerDirectory
            workload.ContainerLookup
            workload.ContainerRuntime
            workload.Resolution
            workload.Workload
            workload.WorkloadLabels
            workload.WorkloadResolver
            workload.WorkloadRules
            """;

    @Test
    void onlyTheListedTypesAreExportedToEmbedders() throws Exception {
        Path classes = Path.of(Sampler.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        ModuleDescriptor module;
        try (InputStream info = Files.newInputStream(classes.resolve("module-info.class"))) {
            module = ModuleDescriptor.read(info);
        }
        Set<String> exported = module.exports().stream()
                .filter(export -> !export.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
        assertEquals(
                EXPORTED,
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.gpuagent").stream()
                                .filter(JavaClass::isTopLevelClass)
                                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                                .filter(type -> exported.contains(type.getPackageName()))
                                .map(type -> type.getName().substring("io.gpuagent.".length()) + "\n")
                                .sorted()
                                .collect(Collectors.joining()));
    }
}
