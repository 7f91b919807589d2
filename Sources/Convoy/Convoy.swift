// One import gives the layers, and the settings, optimizers and augmentations of training.
@_exported public import ConvoyAugmentation
@_exported public import ConvoyNeuralNetwork
@_exported public import ConvoyTraining
@_exported public import Optimizers
