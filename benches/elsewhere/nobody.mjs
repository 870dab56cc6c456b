// A contender that is none: what a Worker takes to start by itself.
export {};
