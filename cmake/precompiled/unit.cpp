// What a precompiled header is made with.
