package io.gpuagent.testing;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The resources that a test has opened. They are closed after the test in reverse order, even if the set-up was skipped
 * or failed. If a test class is extended with {@link Scope}, its set-up and test methods can take this object as a
 * parameter.
 */
public final class Opened implements AutoCloseable {

    private final Opened ofTheClass;
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final Map<Class<?>, Object> shared = new HashMap<>();

    Opened(Opened ofTheClass) {
        this.ofTheClass = ofTheClass;
    }

    /** Opens a resource that may be unavailable. */
    @FunctionalInterface
    public interface Opening<T, E extends Exception> {
        T open() throws E;
    }

    /** Registers a resource to be closed after the test. */
    public <T extends AutoCloseable> T add(T resource) {
        resources.push(resource);
        return resource;
    }

    /**
     * Returns the resource of this type that all tests of the class share. The first test opens it, and it is closed
     * after the last one. It is not opened in {@code @BeforeAll}, because tests that are skipped there are reported
     * without a name and a reason.
     */
    public <T, E extends Exception> T shared(Class<T> type, Opening<? extends T, E> opening) throws E {
        Object found = ofTheClass.shared.get(type);
        if (found == null) {
            found = opening.open();
            ofTheClass.shared.put(type, found);
            if (found instanceof AutoCloseable closeable) {
                ofTheClass.add(closeable);
            }
        }
        return type.cast(found);
    }

    /** Closes all resources, even if one of them cannot be closed. */
    @Override
    public void close() {
        RuntimeException failure = null;
        shared.clear();
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception | AssertionError e) {
                failure = failure != null ? failure : new IllegalStateException("a resource could not be closed");
                failure.addSuppressed(e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Provides the resources of tests and of test classes, and closes them. A test that is run again starts without
     * any.
     */
    public static final class Scope implements ParameterResolver, AfterEachCallback, AfterAllCallback {

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Opened.class
                    && context.getTestMethod().isPresent();
        }

        @Override
        public Opened resolveParameter(ParameterContext parameter, ExtensionContext context) {
            Opened ofTheClass = in(ofTheClass(context), null);
            return in(context, ofTheClass);
        }

        @Override
        public void afterEach(ExtensionContext context) {
            in(context, null).close();
        }

        @Override
        public void afterAll(ExtensionContext context) {
            in(context, null).close();
        }

        private static ExtensionContext ofTheClass(ExtensionContext context) {
            ExtensionContext found = context;
            while (found.getTestMethod().isPresent()) {
                found = found.getParent().orElseThrow();
            }
            return found;
        }

        /**
         * Returns the resources of a context. The key contains the context's id, because a context also finds the
         * values of its parents.
         */
        private static Opened in(ExtensionContext context, Opened ofTheClass) {
            return context.getStore(ExtensionContext.Namespace.create(Opened.class))
                    .computeIfAbsent(context.getUniqueId(), id -> new Opened(ofTheClass), Opened.class);
        }
    }
}
