/* gelu in float32, tanh form, and its gradient: double inside, one rounding at the end. */

#include <math.h>
#include <stddef.h>

#ifndef CUBIC
#define CUBIC 0.044715
#endif

static const double two_roots = 1.5957691216057308; /* 2*sqrt(2/pi) */

/* x/(1 + exp(-2u)) is x/2*(1 + tanh(u)) without cancellation. */
void gelu(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double z = x[i];
        y[i] = z < -14 ? -0.0f : (float)(z / (1 + exp(-two_roots * (z + CUBIC * z * z * z))));
    }
}

void gelu_gradient(const float *x, const float *upstream, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double z = x[i], e = exp(-two_roots * (z + CUBIC * z * z * z));
        double inner = two_roots * (1 + 3 * CUBIC * z * z);
        double slope = (1 + z * inner * e / (1 + e)) / (1 + e);
        y[i] = fabs(z) > 14 ? upstream[i] * (z > 0) : (float)(upstream[i] * slope);
    }
}
