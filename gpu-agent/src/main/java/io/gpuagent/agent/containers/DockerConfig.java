package io.gpuagent.agent.containers;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.AuthConfigurations;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.core.SSLConfig;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * docker-java's configuration, without registries. docker-java's own reads the environment, system properties and files in the home
 * directory, and its parser has no limits.
 */
record DockerConfig(URI getDockerHost, RemoteApiVersion getApiVersion) implements DockerClientConfig {

    @Override
    public ObjectMapper getObjectMapper() {
        return ContainerFiles.JSON;
    }

    @Override
    public @Nullable String getRegistryUsername() {
        return null;
    }

    @Override
    public @Nullable String getRegistryPassword() {
        return null;
    }

    @Override
    public @Nullable String getRegistryEmail() {
        return null;
    }

    @Override
    public @Nullable String getRegistryUrl() {
        return null;
    }

    @Override
    public @Nullable AuthConfig effectiveAuthConfig(String image) {
        return null;
    }

    @Override
    public @Nullable AuthConfigurations getAuthConfigurations() {
        return null;
    }

    @Override
    @SuppressWarnings("deprecation") // of the return type
    public @Nullable SSLConfig getSSLConfig() {
        return null;
    }
}
