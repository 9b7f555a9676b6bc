/* my_kernels.c: relu, gelu and tanh with their gradients, in float32 and float64, as actcheck asks for them. */
#include <math.h>
#include <string.h>

#include "actcheck.h"

static const char HELLO[] =
    "{\"message\": \"hello\", \"protocol\": 1, \"name\": \"my-kernels\", \"version\": \"1.0\","
    " \"framework\": \"C library\", \"device\": \"cpu\","
    " \"formats\": [\"float32\", \"float64\"], \"quantities\": [\"forward\", \"gradient\"],"
    " \"activations\": {\"relu\": {}, \"tanh\": {}, \"gelu\": {\"parameters\": {\"approximate\": [\"none\"]}}}}";

static const double INV_SQRT2 = 0.70710678118654752440, INV_SQRT_2PI = 0.39894228040143267794;

/* The kernels that are tested. */

static float relu_f(float x) { return x > 0 ? x : x == 0 || isnan(x) ? x : 0; }
static double relu_d(double x) { return x > 0 ? x : x == 0 || isnan(x) ? x : 0; }
static float relu_slope_f(float x) { return isnan(x) ? x : (float)(x > 0); }
static double relu_slope_d(double x) { return isnan(x) ? x : (double)(x > 0); }

static float tanh_f(float x) { return tanhf(x); }
static double tanh_d(double x) { return tanh(x); }
/* 1 - tanh(x)^2 would cancel. */
static double tanh_slope_d(double x) {
    double c = cosh(x);
    return 1 / c / c;
}
static float tanh_slope_f(float x) { return (float)tanh_slope_d(x); }

/* erfc keeps the tail that 1 + erf loses. Far left both are nothing, and their product NaN. */
static double gelu_d(double x) {
    return x < -40 ? -0.0 : 0.5 * x * erfc(-x * INV_SQRT2);
}
static float gelu_f(float x) { return (float)gelu_d(x); }
static double gelu_slope_d(double x) {
    if (fabs(x) > 40) return x > 0;
    return 0.5 * erfc(-x * INV_SQRT2) + x * exp(-0.5 * x * x) * INV_SQRT_2PI;
}
static float gelu_slope_f(float x) { return (float)gelu_slope_d(x); }

typedef struct {
    const char *name;
    float (*value_f)(float), (*slope_f)(float);
    double (*value_d)(double), (*slope_d)(double);
} kernel;

static const kernel KERNELS[] = {
    {"relu", relu_f, relu_slope_f, relu_d, relu_slope_d},
    {"tanh", tanh_f, tanh_slope_f, tanh_d, tanh_slope_d},
    {"gelu", gelu_f, gelu_slope_f, gelu_d, gelu_slope_d},
};

/* How they are reached. */

static int answer(actcheck_call *call, void *result) {
    const actcheck_array *x = actcheck_get(call, "x"), *upstream = actcheck_get(call, "upstream");
    int single = !strcmp(x->format, "float32"), gradient = !strcmp(call->quantity, "gradient");
    const kernel *found = NULL;
    for (size_t i = 0; i < sizeof KERNELS / sizeof *KERNELS; i++)
        if (!strcmp(KERNELS[i].name, call->activation)) found = &KERNELS[i];
    if (!found) return actcheck_because(call, ACTCHECK_UNSUPPORTED, "no kernel for %s", call->activation);
    if (!single && strcmp(x->format, "float64"))
        return actcheck_because(call, ACTCHECK_UNSUPPORTED, "no kernel for %s", x->format);
    if (!gradient && strcmp(call->quantity, "forward"))
        return actcheck_because(call, ACTCHECK_UNSUPPORTED, "no kernel for the %s", call->quantity);
    if (!strcmp(found->name, "gelu") && !actcheck_is(call, "approximate", "none"))
        return actcheck_because(call, ACTCHECK_UNSUPPORTED, "gelu is computed with erf alone");
    for (size_t i = 0; i < x->count; i++) {
        if (single) {
            float value = ((const float *)x->data)[i];
            ((float *)result)[i] =
                gradient ? found->slope_f(value) * ((const float *)upstream->data)[i] : found->value_f(value);
        } else {
            double value = ((const double *)x->data)[i];
            ((double *)result)[i] =
                gradient ? found->slope_d(value) * ((const double *)upstream->data)[i] : found->value_d(value);
        }
    }
    return ACTCHECK_OK;
}

int main(void) { return actcheck_serve(HELLO, answer); }
