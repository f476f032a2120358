// What Glibc's Swift module leaves out. Header only.
#ifndef OUTPOST_CLINUX_H
#define OUTPOST_CLINUX_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>

// prctl is variadic, which Swift cannot call.
static inline void outpost_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

// Starts a program that dies with the thread which started it, even by SIGKILL: posix_spawn cannot ask for that.
// Between fork and exec only calls that are safe there. Returns the process, or -1 with errno.
static inline pid_t outpost_spawn(const char *path, char *const arguments[], int output) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return -1;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, (sigset_t *)0);
        signal(SIGPIPE, SIG_DFL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(input, 0);
        dup2(output, 1);
        dup2(output, 2);
        if (getppid() == parent) execv(path, arguments);
        int code = errno;
        (void)!write(report[1], &code, sizeof code);
        _exit(127);
    }
    int saved = errno, code = 0;
    close(report[1]);
    ssize_t count = child > 0 ? read(report[0], &code, sizeof code) : 0;
    close(report[0]);
    errno = count == sizeof code ? code : saved;
    return count == sizeof code ? -1 : child;
}
#endif
