// Holds memory of the first GPU, of one size after another. Says how it was allocated and its bytes, and goes on at a line of input.
#include <cstdio>
#include <cstdlib>
#include <cuda_runtime.h>

static void check(cudaError_t answer) {
    if (answer != cudaSuccess) {
        fprintf(stderr, "alloc: %s\n", cudaGetErrorString(answer));
        exit(1);
    }
}

static void hold(const char *how, size_t mebibytes) {
    size_t bytes = mebibytes << 20;
    void *memory = nullptr;
    if (bytes) {
        check(*how == 'm' ? cudaMallocManaged(&memory, bytes) : cudaMalloc(&memory, bytes));
        check(cudaMemset(memory, 1, bytes));
        check(cudaDeviceSynchronize());
    }
    printf("%s %zu\n", how, bytes);
    fflush(stdout);
    char line[16];
    if (!fgets(line, sizeof line, stdin)) exit(0);
    check(cudaFree(memory));
}

int main() {
    check(cudaFree(nullptr)); // makes the context, which is memory, too
    hold("device", 0);
    hold("device", 256);
    hold("device", 1024);
    hold("device", 3072);
    hold("managed", 1024);
    hold("device", 512);
}
