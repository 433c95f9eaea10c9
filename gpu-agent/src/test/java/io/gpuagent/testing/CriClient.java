package io.gpuagent.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.stub.ClientCalls;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A client of the container runtime interface (CRI), in the role of the kubelet. Field numbers are from cri-api's
 * {@code runtime/v1/api.proto}.
 */
final class CriClient implements AutoCloseable {

    private static final int LIMIT_SECONDS = 30;
    private static final int NODE = 2; // The value NODE of the enum NamespaceMode in cri-api.
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final MethodDescriptor.Marshaller<ProtoMessage> MARSHALLER = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(ProtoMessage message) {
            return message.stream();
        }

        @Override
        public ProtoMessage parse(InputStream in) {
            return ProtoMessage.read(in);
        }
    };

    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("cri", true), NioIoHandler.newFactory());
    private final ManagedChannel channel;

    CriClient(Path socket) {
        channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .eventLoopGroup(loop)
                .channelType(NioDomainSocketChannel.class)
                .withOption(ChannelOption.SO_KEEPALIVE, null) // Unix domain sockets do not support this option.
                .overrideAuthority("localhost")
                .usePlaintext()
                .build();
    }

    /** Whether the runtime answers now. */
    boolean answers() {
        channel.resetConnectBackoff();
        try {
            call("Version", new ProtoMessage());
            return true;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    /** The configuration of a pod in the host's network, which several calls need. */
    static ProtoMessage podSandboxConfig(String namespace, String name, String uid, String cgroupParent) {
        ProtoMessage metadata =
                new ProtoMessage().put(1 /* name */, name).put(2 /* uid */, uid).put(3 /* namespace */, namespace);
        ProtoMessage namespaces = new ProtoMessage().put(1 /* network */, NODE);
        ProtoMessage security = new ProtoMessage().put(1 /* namespace_options */, namespaces);
        ProtoMessage linux =
                new ProtoMessage().put(1 /* cgroup_parent */, cgroupParent).put(2 /* security_context */, security);
        return new ProtoMessage().put(1 /* metadata */, metadata).put(8 /* linux */, linux);
    }

    /** Returns the sandbox's id. */
    String runPodSandbox(ProtoMessage config) {
        return call("RunPodSandbox", new ProtoMessage().put(1 /* config */, config))
                .text(1 /* pod_sandbox_id */);
    }

    /** Returns the container's id. */
    String createContainer(String sandbox, ProtoMessage sandboxConfig, String name, String image) {
        ProtoMessage config = new ProtoMessage()
                .put(1 /* metadata */, new ProtoMessage().put(1 /* name */, name))
                .put(2 /* image */, new ProtoMessage().put(1 /* image */, image));
        ProtoMessage request = new ProtoMessage()
                .put(1 /* pod_sandbox_id */, sandbox)
                .put(2 /* config */, config)
                .put(3 /* sandbox_config */, sandboxConfig);
        return call("CreateContainer", request).text(1 /* container_id */);
    }

    void startContainer(String id) {
        call("StartContainer", new ProtoMessage().put(1 /* container_id */, id));
    }

    long containerPid(String id) {
        return pid(call(
                "ContainerStatus",
                new ProtoMessage().put(1 /* container_id */, id).put(2 /* verbose */, 1)));
    }

    long sandboxPid(String id) {
        return pid(call(
                "PodSandboxStatus",
                new ProtoMessage().put(1 /* pod_sandbox_id */, id).put(2 /* verbose */, 1)));
    }

    /** The pid is only in the verbose part of the status, as runtime-specific JSON. */
    private static long pid(ProtoMessage status) {
        try {
            return JSON.readTree(status.text(2 /* info */, "info"))
                    .required("pid")
                    .asLong();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** Kills and removes a pod with its containers. */
    void removePodSandbox(String id) {
        call("StopPodSandbox", new ProtoMessage().put(1 /* pod_sandbox_id */, id));
        call("RemovePodSandbox", new ProtoMessage().put(1 /* pod_sandbox_id */, id));
    }

    private ProtoMessage call(String method, ProtoMessage request) {
        MethodDescriptor<ProtoMessage, ProtoMessage> descriptor = MethodDescriptor.newBuilder(MARSHALLER, MARSHALLER)
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("runtime.v1.RuntimeService/" + method)
                .build();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS);
        return ClientCalls.blockingUnaryCall(channel, descriptor, options, request);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
