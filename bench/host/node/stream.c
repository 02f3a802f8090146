/*
 * STREAM's kernels (J. McCalpin, https://www.cs.virginia.edu/stream/) as a C compiler makes them, to stand beside the ones in
 * WebAssembly. Arguments: bytes of an array, bytes between two arrays. For each number of sweeps on standard input it answers with
 * the best seconds of copy, scale, add and triad, and with the largest average relative error of an array.
 *
 *     cc -O3 -msse2 -fopenmp -DTYPE=double stream.c -o stream
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define Q ((TYPE)0.4)

static TYPE *a, *b, *c;
static long n;

static double now(void) {
  struct timespec time;
  timespec_get(&time, TIME_UTC);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

static void fill(void) {
#pragma omp parallel for
  for (long i = 0; i < n; i++) {
    a[i] = 1;
    b[i] = 2;
    c[i] = 0;
  }
}

static void run(int kernel) {
  switch (kernel) {
    case 0:
#pragma omp parallel for
      for (long i = 0; i < n; i++) c[i] = a[i];
      break;
    case 1:
#pragma omp parallel for
      for (long i = 0; i < n; i++) b[i] = Q * c[i];
      break;
    case 2:
#pragma omp parallel for
      for (long i = 0; i < n; i++) c[i] = a[i] + b[i];
      break;
    case 3:
#pragma omp parallel for
      for (long i = 0; i < n; i++) a[i] = b[i] + Q * c[i];
  }
}

/* Of an array that should hold one value everywhere. */
static double error(const TYPE *array, TYPE expected) {
  double sum = 0;
  for (long i = 0; i < n; i++) sum += fabs((double)array[i] - expected);
  return sum / n / fabs((double)expected);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  long bytes = atol(argv[1]), gap = atol(argv[2]);
  n = bytes / sizeof(TYPE);
  char *memory = malloc(3 * bytes + 2 * gap + 64);
  if (memory == NULL) return 1;
  memory += 64 - (uintptr_t)memory % 64;
  a = (TYPE *)memory;
  b = (TYPE *)(memory + bytes + gap);
  c = (TYPE *)(memory + 2 * (bytes + gap));
  int sweeps;
  while (scanf("%d", &sweeps) == 1) {
    double best[4] = {HUGE_VAL, HUGE_VAL, HUGE_VAL, HUGE_VAL};
    TYPE x = 1, y = 2, z = 0;
    fill();
    for (int sweep = 0; sweep <= sweeps; sweep++) {
      for (int kernel = 0; kernel < 4; kernel++) {
        double start = now();
        run(kernel);
        double seconds = now() - start;
        /* The first sweep does not count. */
        if (sweep > 0 && seconds < best[kernel]) best[kernel] = seconds;
      }
      z = x;
      y = Q * z;
      z = x + y;
      x = y + Q * z;
    }
    double worst = fmax(error(a, x), fmax(error(b, y), error(c, z)));
    printf("%.9f %.9f %.9f %.9f %g\n", best[0], best[1], best[2], best[3], worst);
    fflush(stdout);
  }
  return 0;
}
