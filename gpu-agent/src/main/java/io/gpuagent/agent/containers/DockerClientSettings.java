package io.gpuagent.agent.containers;

import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.AuthConfigurations;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.core.SSLConfig;
import java.net.URI;
import org.jspecify.annotations.NullUnmarked;

/**
 * An address and a version for docker-java and nothing else: its own settings read the environment, system properties and files
 * below the home directory. No registry is spoken to, and TLS is the transport's matter.
 */
@NullUnmarked
record DockerClientSettings(URI getDockerHost, RemoteApiVersion getApiVersion) implements DockerClientConfig {

    @Override
    public String getRegistryUsername() {
        return null;
    }

    @Override
    public String getRegistryPassword() {
        return null;
    }

    @Override
    public String getRegistryEmail() {
        return null;
    }

    @Override
    public String getRegistryUrl() {
        return null;
    }

    @Override
    public AuthConfig effectiveAuthConfig(String imageName) {
        return null;
    }

    @Override
    public AuthConfigurations getAuthConfigurations() {
        return new AuthConfigurations();
    }

    @Override
    @SuppressWarnings("deprecation") // the interface's own type
    public SSLConfig getSSLConfig() {
        return null;
    }
}
