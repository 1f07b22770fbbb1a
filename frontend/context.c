// context.c: placeholder until the context lands.
typedef int mth_frontend_is_not_empty;
