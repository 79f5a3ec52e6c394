/* A disk that takes its time: each sync of a file waits for so many seconds as the file SLOW_SYNC says.
   cc -shared -fPIC -o slow_sync.so slow_sync.c -ldl; LD_PRELOAD=./slow_sync.so */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void wait_for_the_disk(void)
{
    double seconds = 0;
    const char *path = getenv("SLOW_SYNC");
    FILE *file = path ? fopen(path, "r") : NULL;

    if (file) {
        if (fscanf(file, "%lf", &seconds) == 1) {
            struct timespec left = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
            nanosleep(&left, NULL);
        }
        fclose(file);
    }
}

int fsync(int descriptor)
{
    wait_for_the_disk();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(descriptor);
}

int fdatasync(int descriptor)
{
    wait_for_the_disk();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(descriptor);
}
