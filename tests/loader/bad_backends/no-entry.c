int this_is_no_backend(void);
int this_is_no_backend(void) { return 1; }
