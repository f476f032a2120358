// What Glibc's Swift module leaves out. Header only.
#ifndef OUTPOST_CLINUX_H
#define OUTPOST_CLINUX_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/gpio.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// prctl is variadic, which Swift cannot call.
static inline void outpost_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

// Starts a program that dies with the thread which started it, even by SIGKILL: posix_spawn cannot ask for that.
// Where `leads` says so it has a session of its own, and with it a group that all it starts belongs to. Between fork and
// exec only calls that are safe there. Returns the process, or -1 with errno.
static inline pid_t outpost_spawn_with(const char *path, char *const arguments[], char *const environment[], int input,
                                       int output, int leads) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return -1;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, (sigset_t *)0);
        signal(SIGPIPE, SIG_DFL);
        if (leads) setsid();
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(input, 0);
        dup2(output, 1);
        dup2(output, 2);
        // Libraries open descriptors that programs would inherit. A kernel that does not know this leaves them.
        if (leads) close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        if (getppid() == parent) execve(path, arguments, environment);
        int code = errno;
        (void)!write(report[1], &code, sizeof code);
        _exit(127);
    }
    int saved = errno, code = 0;
    close(report[1]);
    ssize_t count = child > 0 ? read(report[0], &code, sizeof code) : 0;
    close(report[0]);
    if (count == sizeof code) waitpid(child, (int *)0, 0);
    errno = count == sizeof code ? code : saved;
    return count == sizeof code ? -1 : child;
}

static inline pid_t outpost_spawn(const char *path, char *const arguments[], int output) {
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pid_t child = outpost_spawn_with(path, arguments, environ, input, output, 0);
    int saved = errno;
    if (input >= 0) close(input);
    errno = saved;
    return child;
}

// A descriptor that becomes readable when a process ends. glibc's own function came after the system call.
static inline int outpost_process_descriptor(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

// GPIO lines by the second version of the kernel's interface: ioctl is variadic, and its numbers are macros.
static inline int outpost_gpio_request_output(int chip, unsigned line, int is_on, int is_active_low, const char *consumer) {
    struct gpio_v2_line_request request;
    memset(&request, 0, sizeof request);
    request.offsets[0] = line;
    request.num_lines = 1;
    strncpy(request.consumer, consumer, sizeof request.consumer - 1);
    request.config.flags = GPIO_V2_LINE_FLAG_OUTPUT | (is_active_low ? GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0);
    request.config.num_attrs = 1;
    request.config.attrs[0].mask = 1;
    request.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
    request.config.attrs[0].attr.values = is_on ? 1 : 0;
    return ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) < 0 ? -1 : request.fd;
}

static inline int outpost_gpio_set(int line, int is_on) {
    struct gpio_v2_line_values values = {.bits = is_on ? 1 : 0, .mask = 1};
    return ioctl(line, GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
}
#endif
