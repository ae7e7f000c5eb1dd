/// SmolLM2, a decoder of the Llama family: rotary positions, grouped-query attention, gated
/// feed-forward blocks, root-mean-square norms and a head tied to the embedding.
///
/// Sources: Touvron et al. 2023 (LLaMA), Ben Allal et al. 2025 (SmolLM2) and the equations that
/// [io.griffinfly.engine.nn] cites.
package io.griffinfly.models.smollm2;
